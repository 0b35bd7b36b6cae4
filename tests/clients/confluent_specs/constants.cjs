// The registry the specs talk to.
exports.clientConfig = {
  baseURLs: [process.env.PUMPHOUSE_REGISTRY],
  createAxiosDefaults: { timeout: 10000 },
  isForward: false,
  cacheCapacity: 512,
  cacheLatestTtlSecs: 60,
};
exports.maxRetries = 2;
exports.retriesWaitMs = 100;
exports.retriesMaxWaitMs = 1000;
