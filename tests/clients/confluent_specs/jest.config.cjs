// Runs the specs that ship inside @confluentinc/schemaregistry, as they are.
const path = require("node:path");

const modules = process.env.NODE_PATH;

module.exports = {
  rootDir: path.join(modules, "@confluentinc", "schemaregistry", "dist"),
  testMatch: ["**/e2e/*.spec.js"],
  testEnvironment: "node",
  // A package's own tests lie where Jest does not look otherwise.
  testPathIgnorePatterns: [],
  haste: { retainAllFiles: true },
  modulePaths: [modules],
  transform: {},
  moduleNameMapper: {
    // Its native client is a download from elsewhere; KafkaJS speaks the same.
    "^@confluentinc/kafka-javascript$": path.join(__dirname, "kafka.cjs"),
    // Where the servers are.
    "^\\.\\./test/test-constants$": path.join(__dirname, "constants.cjs"),
  },
};
