import { expect, it } from "vitest";
import { authOf, emptySettings, idOf, settingsOf } from "./attachForm";

it("sends only what the chosen ways use", () => {
  const draft = {
    ...emptySettings,
    security_protocol: "SASL_SSL",
    sasl_username: "me",
    sasl_password: { is: "new" as const, text: "x" },
    registry_token: { is: "stored" as const },
  };
  expect(authOf(draft)).toBe("bearer");
  expect(settingsOf(draft, "bearer")).toMatchObject({
    sasl_mechanism: "PLAIN",
    sasl_username: "me",
    registry_token: { is: "stored" },
  });
  expect(settingsOf({ ...draft, security_protocol: "SSL" }, "none")).toMatchObject({
    sasl_mechanism: null,
    sasl_username: null,
    sasl_password: { is: "none" },
    registry_token: { is: "none" },
  });
});

it("makes a short name", () => {
  expect(idOf("Prod, Europe (1)")).toBe("prod-europe-1");
  expect(idOf("…")).toBe("");
});
