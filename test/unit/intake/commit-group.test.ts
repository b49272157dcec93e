import { describe, expect, test, vi } from "vitest";
import { createCommitGroup } from "#app/intake/commit-group.server.ts";

const OPTIONS = {
  maxWaitMs: 5,
  maxItems: 3,
  maxBytes: 1_000,
  countBytes: () => 1,
  maxGroups: 1,
  maxWaiting: 100,
  maxAgeMs: 60_000,
  deadlineMs: 5_000,
};

/** A commit that finishes when the test says so. */
function heldCommits() {
  const commits: { items: readonly number[]; finish: () => void; fail: (error: Error) => void }[] =
    [];
  const commit = (items: readonly number[]) => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly number[]>();
    commits.push({ items, finish: () => resolve(items.map((item) => item * 10)), fail: reject });
    return promise;
  };
  const started = async (count: number) => {
    while (commits.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
    return commits;
  };
  return { commit, commits, started };
}

describe("many webhooks in one commit", () => {
  test("each gets its own result, and only after the commit", async () => {
    const { commit, started } = heldCommits();
    const group = createCommitGroup<number, number>({ ...OPTIONS, commit });
    let isAnswered = false;
    const answers = Promise.all([group.add(1), group.add(2)]).finally(() => {
      isAnswered = true;
    });
    const [first] = await started(1);
    expect(first?.items).toEqual([1, 2]);
    expect(isAnswered).toBe(false);
    first?.finish();
    expect(await answers).toEqual([10, 20]);
  });

  test("what arrives during a commit forms the next one, no larger than the limit", async () => {
    const { commit, started } = heldCommits();
    const group = createCommitGroup<number, number>({ ...OPTIONS, commit });
    const answers = [1, 2, 3, 4, 5, 6, 7].map((item) => group.add(item));
    const commits = await started(1);
    commits[0]?.finish();
    await started(2);
    commits[1]?.finish();
    await started(3);
    commits[2]?.finish();
    expect(await Promise.all(answers)).toEqual([10, 20, 30, 40, 50, 60, 70]);
    expect(commits.map(({ items }) => items)).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
  });

  test("what has waited its time during a commit goes as soon as that ends", async () => {
    vi.useFakeTimers();
    try {
      const { commit, commits } = heldCommits();
      const group = createCommitGroup<number, number>({ ...OPTIONS, commit });
      const first = group.add(1);
      vi.advanceTimersByTime(OPTIONS.maxWaitMs);
      const second = group.add(2);
      vi.advanceTimersByTime(OPTIONS.maxWaitMs);
      commits[0]?.finish();
      await first;
      await vi.advanceTimersByTimeAsync(0);
      expect(commits.map(({ items }) => items)).toEqual([[1], [2]]);
      commits[1]?.finish();
      expect(await second).toBe(20);
    } finally {
      vi.useRealTimers();
    }
  });

  test("no more groups are committed at once than allowed", async () => {
    const { commit, started } = heldCommits();
    const group = createCommitGroup<number, number>({ ...OPTIONS, maxGroups: 2, commit });
    const answers = [1, 2, 3, 4, 5, 6, 7].map((item) => group.add(item));
    const commits = await started(2);
    await new Promise((resolve) => setTimeout(resolve, 4 * OPTIONS.maxWaitMs));
    expect(commits.map(({ items }) => items)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    commits[1]?.finish();
    await started(3);
    expect(commits[2]?.items).toEqual([7]);
    commits[0]?.finish();
    commits[2]?.finish();
    expect(await Promise.all(answers)).toEqual([10, 20, 30, 40, 50, 60, 70]);
  });

  test("of much that is in hand no group takes all: while one is written, the next is read", async () => {
    const { commit, commits, started } = heldCommits();
    const options = { ...OPTIONS, maxItems: 200, maxGroups: 2, commit };
    const group = createCommitGroup<number, number>(options);
    const answers = Array.from({ length: 96 }, (_, item) => group.add(item));
    expect(commits.map(({ items }) => items.length)).toEqual([24, 24]);
    commits[0]?.finish();
    await started(3);
    commits[1]?.finish();
    for (const { finish } of await started(4)) finish();
    await Promise.all(answers);
    expect(commits.map(({ items }) => items.length)).toEqual([24, 24, 36, 12]);
  });

  test("a failed commit fails those in it and nobody else", async () => {
    const { commit, started } = heldCommits();
    const group = createCommitGroup<number, number>({ ...OPTIONS, commit });
    const failed = group.add(1);
    const commits = await started(1);
    const next = group.add(2);
    commits[0]?.fail(new Error("the database is down"));
    await expect(failed).rejects.toThrow("the database is down");
    await started(2);
    commits[1]?.finish();
    expect(await next).toBe(20);
  });

  test("a commit that hangs is given up, and the next one goes ahead", async () => {
    const { commit, started } = heldCommits();
    const group = createCommitGroup<number, number>({ ...OPTIONS, commit, deadlineMs: 20 });
    await expect(group.add(1)).rejects.toMatchObject({ code: "timed_out" });
    const next = group.add(2);
    const commits = await started(2);
    commits[1]?.finish();
    expect(await next).toBe(20);
  });

  test("more than can be stored in time is refused at once", async () => {
    const { commit, started } = heldCommits();
    const group = createCommitGroup<number, number>({ ...OPTIONS, commit, maxWaiting: 2 });
    const first = group.add(1);
    const commits = await started(1);
    const waiting = [group.add(2), group.add(3)];
    await expect(group.add(4)).rejects.toMatchObject({ code: "overloaded" });
    commits[0]?.finish();
    await started(2);
    commits[1]?.finish();
    expect(await Promise.all([first, ...waiting])).toEqual([10, 20, 30]);
  });

  test("what has waited too long behind a commit that hangs is refused, and what came later goes on", async () => {
    vi.useFakeTimers();
    try {
      const { commit, commits } = heldCommits();
      const group = createCommitGroup<number, number>({ ...OPTIONS, commit, maxAgeMs: 3_000 });
      void group.add(1);
      vi.advanceTimersByTime(OPTIONS.maxWaitMs);
      const old = group.add(2);
      const refused = expect(old).rejects.toMatchObject({ code: "overloaded" });
      vi.advanceTimersByTime(1_500);
      const young = group.add(3);
      vi.advanceTimersByTime(1_500);
      await refused;
      commits[0]?.finish();
      await vi.advanceTimersByTimeAsync(OPTIONS.maxWaitMs);
      expect(commits.map(({ items }) => items)).toEqual([[1], [3]]);
      commits[1]?.finish();
      expect(await young).toBe(30);
    } finally {
      vi.useRealTimers();
    }
  });

  test("a group holds no more bytes than allowed, and a larger item goes alone", async () => {
    const { commit, started } = heldCommits();
    const sizes = { maxBytes: 10, countBytes: (item: number) => item };
    const group = createCommitGroup<number, number>({ ...OPTIONS, ...sizes, maxItems: 9, commit });
    const answers = [4, 6, 1, 99, 2].map((item) => group.add(item));
    for (let made = 1; made <= 4; made += 1) (await started(made))[made - 1]?.finish();
    expect(await Promise.all(answers)).toEqual([40, 60, 10, 990, 20]);
    const commits = await started(4);
    expect(commits.map(({ items }) => items)).toEqual([[4, 6], [1], [99], [2]]);
  });

  test("draining waits for what is in hand", async () => {
    const { commit, started } = heldCommits();
    const group = createCommitGroup<number, number>({ ...OPTIONS, commit });
    const answer = group.add(1);
    let isDrained = false;
    const drained = group.drain().then(() => {
      isDrained = true;
    });
    const [first] = await started(1);
    expect(isDrained).toBe(false);
    first?.finish();
    await drained;
    expect(await answer).toBe(10);
  });
});
