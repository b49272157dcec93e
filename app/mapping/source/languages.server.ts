/** Pinterest accepts two letters; the first two of a three-letter code would be another language. */
export function parseLanguage(locale: string | null): { language?: string } {
  const language = /^([a-z]{2})(?![a-z])/i.exec(locale ?? "")?.[1];
  return language === undefined ? {} : { language: language.toLowerCase() };
}
