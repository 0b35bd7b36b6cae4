"""In place of the `test/service.py` that kafka-python's source distribution lacks: a broker that runs already."""


class ExternalService:
    def __init__(self, host, port):
        self.host = host
        self.port = port

    def dump_logs(self):
        """Its logs are kept where it was started."""

    def stop(self):
        """Whoever started it ends it."""


class SpawnedService:
    def __init__(self, args=None, env=None):
        raise RuntimeError("this run has one broker, which runs already: " + str(args))
