import type { Page } from "@playwright/test";

/**
 * What a designer would send back, at the page's present width: words broken inside, short
 * badges in two lines, text cut off, content that sticks out of the window, controls on top of each other. Each as a line of text.
 */
export async function findLayoutFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = [];
    const main = document.querySelector("#main") ?? document.body;
    const isSeen = (element: Element) =>
      element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
      element.getClientRects().length > 0;
    const isHiddenForEyes = (element: Element) => {
      const { width, height } = element.getBoundingClientRect();
      return width <= 1 || height <= 1;
    };
    const isScrolled = (element: Element | null): boolean =>
      element !== null &&
      (/auto|scroll/.test(getComputedStyle(element).overflowX) ||
        isScrolled(element.parentElement));
    const say = (element: Element) => (element.textContent ?? "").trim().slice(0, 60);
    // Ids, addresses and payloads have no place to break but inside.
    const machine = "code, pre, textarea, [translate=no], .machine-text, .visually-hidden";

    const texts = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
    for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
      const parent = node.parentElement;
      if (parent === null || !isSeen(parent) || parent.closest(machine) !== null) continue;
      if (isHiddenForEyes(parent)) continue;
      if (parent.closest("[class*=Polaris-Badge]") !== null && say(parent).length <= 12) {
        const whole = document.createRange();
        whole.selectNodeContents(node);
        const lines = new Set([...whole.getClientRects()].map(({ top }) => Math.round(top / 4)));
        if (lines.size > 1) faults.push(`a badge of two lines: "${say(parent)}"`);
      }
      for (const { 0: word, index } of (node.textContent ?? "").matchAll(/\p{L}{2,30}/gu)) {
        const range = document.createRange();
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        const tops = new Set([...range.getClientRects()].map(({ top }) => Math.round(top / 4)));
        if (tops.size > 1) faults.push(`broken inside: ${word} in "${say(parent)}"`);
      }
    }

    for (const element of main.querySelectorAll("*")) {
      if (!isSeen(element) || isHiddenForEyes(element)) continue;
      const { overflowX, textOverflow } = getComputedStyle(element);
      const holdsText = [...element.childNodes].some(
        (child) => child.nodeType === Node.TEXT_NODE && child.textContent?.trim() !== "",
      );
      const isCut = overflowX === "hidden" || overflowX === "clip" || textOverflow === "ellipsis";
      // A closed select shows its choice as far as it fits, and whole once it is opened.
      const isSelect = element.closest("[class*=Polaris-Select]") !== null;
      if (holdsText && isCut && !isSelect && element.scrollWidth > element.clientWidth + 1)
        faults.push(`cut off: "${say(element)}"`);
      const { right } = element.getBoundingClientRect();
      if (holdsText && right > document.documentElement.clientWidth + 1 && !isScrolled(element))
        faults.push(`outside the window: "${say(element)}"`);
    }

    const controls = [...main.querySelectorAll("a[href], button, select, textarea")].filter(
      (element) => isSeen(element) && !isHiddenForEyes(element),
    );
    const boxes = controls.map((element) => [...element.getClientRects()]);
    for (const [index, one] of controls.entries()) {
      for (const [offset, other] of controls.slice(index + 1).entries()) {
        if (one.contains(other) || other.contains(one)) continue;
        const meet = boxes[index]?.some((a) =>
          boxes[index + 1 + offset]?.some(
            (b) =>
              Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 &&
              Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2,
          ),
        );
        if (meet) faults.push(`on top of each other: "${say(one)}" and "${say(other)}"`);
      }
    }
    return [...new Set(faults)];
  });
}
