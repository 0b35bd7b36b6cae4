import { expect, test } from "vitest";
import { repairLocale } from "./locale";

const repaired = (language: string) => {
  const navigator = { language, languages: [language] } as unknown as Navigator;
  repairLocale(navigator);
  return navigator.language;
};

test("a language Intl refuses becomes English, any other stays", () => {
  expect(repaired("C")).toBe("en-US");
  expect(repaired("de-CH")).toBe("de-CH");
});
