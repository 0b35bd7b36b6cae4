/**
 * A session without a locale (LANG unset, or C) makes WebKit name the language `C`,
 * which every `Intl` constructor refuses. Such a session reads English.
 */
export function repairLocale(navigator: Navigator = window.navigator): void {
  try {
    Intl.getCanonicalLocales([navigator.language, ...navigator.languages]);
  } catch {
    Object.defineProperty(navigator, "language", { value: "en-US", configurable: true });
    Object.defineProperty(navigator, "languages", { value: ["en-US"], configurable: true });
  }
}
