"""Runs one Python task.

Arguments: a file with the request and a file for the result, both JSON.
Lines on standard output that hold a record separator are messages: a log
line with its level, or a question that is answered on standard input.
"""

import sys

MARK = "\x1e"


def _private_stdin():
    """Keeps the answers for us: the task's code reads nothing."""
    import os

    answers = os.fdopen(os.dup(0), "r", encoding="utf-8", newline="\n")
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return answers


class Channel:
    def __init__(self):
        self.answers = _private_stdin()
        self.out = sys.stdout

    def log(self, level, text):
        for line in text.split("\n"):
            self.out.write(f"{MARK}{level}{MARK}{line}\n")
        self.out.flush()

    def ask(self, **question):
        import json

        self.out.write(f"{MARK}?{MARK}{json.dumps(question)}\n")
        self.out.flush()
        line = self.answers.readline()
        if not line:
            raise RuntimeError("the orchestrator has gone away")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer.get("value")


def install_logging(channel):
    import logging

    class Handler(logging.Handler):
        def emit(self, record):
            channel.log(record.levelname, self.format(record))

    root = logging.getLogger()
    root.handlers[:] = [Handler()]
    root.setLevel(logging.INFO)


def install_shims(channel, state):
    """The few names of Airflow a task's code may import, where Airflow is absent."""
    import importlib.util
    import types

    try:
        if importlib.util.find_spec("airflow") is not None:
            return
    except (ImportError, ValueError):
        pass

    def module(name, **names):
        made = types.ModuleType(name)
        made.__dict__.update(names)
        made.__path__ = []
        sys.modules[name] = made
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, made)
        return made

    class AirflowException(Exception):
        pass

    class AirflowSkipException(AirflowException):
        pass

    class AirflowFailException(AirflowException):
        pass

    class AirflowNotFoundException(AirflowException):
        pass

    for kind in (AirflowException, AirflowSkipException, AirflowFailException, AirflowNotFoundException):
        kind.__module__ = "airflow.exceptions"
    exceptions = {
        kind.__name__: kind
        for kind in (AirflowException, AirflowSkipException, AirflowFailException, AirflowNotFoundException)
    }
    missing = object()

    class Variable:
        @staticmethod
        def get(key, default=missing, default_var=missing, deserialize_json=False):
            import json

            value = channel.ask(ask="variable", name=key)
            if value is None:
                for fallback in (default, default_var):
                    if fallback is not missing:
                        return fallback
                raise KeyError(f"Variable {key} does not exist")
            return json.loads(value) if deserialize_json else value

    class Connection(types.SimpleNamespace):
        @property
        def extra_dejson(self):
            return self.extra or {}

    class BaseHook:
        @staticmethod
        def get_connection(conn_id):
            found = channel.ask(ask="connection", name=conn_id)
            if found is None:
                raise AirflowNotFoundException(f"The conn_id `{conn_id}` isn't defined")
            return Connection(**found)

    def get_current_context():
        if state.get("context") is None:
            raise RuntimeError("there is no current context outside of a task")
        return state["context"]

    module("airflow", AirflowException=AirflowException)
    module("airflow.exceptions", **exceptions)
    module("airflow.models", Variable=Variable)
    module("airflow.models.variable", Variable=Variable)
    module("airflow.hooks")
    module("airflow.hooks.base", BaseHook=BaseHook)
    module("airflow.operators")
    module("airflow.operators.python", get_current_context=get_current_context)
    module("airflow.sdk", Variable=Variable, BaseHook=BaseHook, get_current_context=get_current_context)
    module("airflow.sdk.exceptions", **exceptions)


class TaskInstance:
    """What `ti` can do."""

    def __init__(self, channel, facts, pushed):
        self.__dict__.update(facts)
        self._channel = channel
        self._pushed = pushed

    def xcom_pull(self, task_ids=None, key="return_value", default=None, dag_id=None, run_id=None, **_):
        one = task_ids is None or isinstance(task_ids, str)
        ids = [task_ids or self.task_id] if one else list(task_ids)
        values = []
        for task_id in ids:
            if task_id == self.task_id and key in self._pushed and dag_id is None and run_id is None:
                values.append(self._pushed[key])
                continue
            found = self._channel.ask(ask="xcom", task_id=task_id, key=key, dag_id=dag_id, run_id=run_id)
            values.append(default if found is None else found["value"])
        return values[0] if one else values

    def xcom_push(self, key, value, **_):
        self._pushed[key] = to_json(value, f"XCom {key}")


def to_json(value, what):
    """The value as JSON keeps it; says what does not fit."""
    import json

    def convert(other):
        import datetime
        import decimal
        import pathlib
        import uuid

        if isinstance(other, (datetime.datetime, datetime.date, datetime.time)):
            return other.isoformat()
        if isinstance(other, datetime.timedelta):
            return other.total_seconds()
        if isinstance(other, decimal.Decimal):
            return float(other)
        if isinstance(other, (set, frozenset)):
            return list(other)
        if isinstance(other, (uuid.UUID, pathlib.PurePath)):
            return str(other)
        if isinstance(other, bytes):
            return other.decode("utf-8", "replace")
        for method in ("tolist", "item", "_asdict", "to_dict"):
            if callable(getattr(other, method, None)):
                return getattr(other, method)()
        raise TypeError(f"{what} holds a {type(other).__name__}, which is no JSON: return numbers, text, lists or dicts")

    return json.loads(json.dumps(value, default=convert, allow_nan=False))


def moments(facts):
    """Dates of the context as pendulum's, else Python's own."""
    import datetime

    try:
        import pendulum

        def parse(text):
            return pendulum.parse(text)
    except ImportError:

        def parse(text):
            return datetime.datetime.fromisoformat(text)

    return {name: parse(text) if text is not None else None for name, text in facts.items()}


def load_callable(request):
    import importlib
    import importlib.util
    import linecache

    dags_dir = request["dags_dir"]
    if dags_dir not in sys.path:
        sys.path.insert(0, dags_dir)
    if request.get("code") is not None:
        code = request["code"]
        name = f"<task {request['ti']['task_id']}>"
        # So that a traceback shows the line.
        linecache.cache[name] = (len(code), None, code.splitlines(True), name)
        space = {"__name__": "task", "__file__": name}
        exec(compile(code, name, "exec"), space)
        if callable(space.get("main")):
            return space["main"]
        made = [item for item in space.values() if getattr(item, "__module__", None) == "task" and callable(item)]
        if len(made) == 1:
            return made[0]
        return lambda: space.get("result")
    if request.get("file") is not None:
        spec = importlib.util.spec_from_file_location("task_file", request["file"])
        loaded = importlib.util.module_from_spec(spec)
        sys.modules["task_file"] = loaded
        spec.loader.exec_module(loaded)
        where, name = request["file"], request["callable"]
    else:
        where, _, name = request["callable"].rpartition(".")
        loaded = importlib.import_module(where)
    if not callable(getattr(loaded, name, None)):
        raise AttributeError(f"{where} has no function {name}")
    return getattr(loaded, name)


def fitting(function, args, kwargs, context):
    """As Airflow: of the context only what the function takes."""
    import inspect

    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return dict(kwargs)
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return {**context, **kwargs}
    free = [parameter.name for parameter in parameters if parameter.kind is not parameter.POSITIONAL_ONLY][len(args):]
    return {**{name: context[name] for name in free if name in context}, **kwargs}


def main():
    import json
    import traceback
    import types

    request_file, result_file = sys.argv[1:3]
    with open(request_file, encoding="utf-8") as file:
        request = json.load(file)
    channel = Channel()
    install_logging(channel)
    state = {"context": None}
    install_shims(channel, state)

    def finish(**result):
        with open(result_file, "w", encoding="utf-8") as file:
            json.dump(result, file)
        sys.stdout.flush()
        sys.stderr.flush()

    pushed = {}
    try:
        function = load_callable(request)
        dates = moments(request["dates"])
        run = dict(request["dag_run"])
        run.update({name: dates.get(name) for name in ("logical_date", "data_interval_start", "data_interval_end")})
        ti = TaskInstance(channel, request["ti"], pushed)
        context = {
            **request["plain"],
            **dates,
            "params": request["params"],
            "dag_run": types.SimpleNamespace(**run),
            "dag": types.SimpleNamespace(**request["dag"]),
            "task": types.SimpleNamespace(**request["task"]),
            "ti": ti,
            "task_instance": ti,
            "templates_dict": request.get("templates_dict"),
        }
        state["context"] = context
        args, kwargs = request["op_args"], request["op_kwargs"]
        value = function(*args, **fitting(function, args, kwargs, context))
        value = to_json(value, "the returned value")
        if request["show_return_value"]:
            channel.log("INFO", f"Done. Returned value was: {value!r}"[:16000])
        finish(status="success", value=value, xcoms=pushed)
    except SystemExit as error:
        if error.code in (None, 0):
            finish(status="success", value=None, xcoms=pushed)
        else:
            finish(status="failed", message=f"SystemExit: {error.code}", xcoms=pushed)
    except BaseException as error:  # noqa: BLE001: whatever it is, the task says so
        names = {kind.__name__ for kind in type(error).__mro__}
        text = str(error)
        message = f"{type(error).__name__}: {text}" if text else type(error).__name__
        if "AirflowSkipException" in names:
            finish(status="skipped", message=str(error) or message, xcoms=pushed)
            return
        frame = error.__traceback__
        while frame is not None and frame.tb_frame.f_code.co_filename == __file__:
            frame = frame.tb_next
        channel.log("ERROR", "".join(traceback.format_exception(type(error), error, frame)).rstrip())
        status = "failed_no_retry" if "AirflowFailException" in names else "failed"
        finish(status=status, message=message, xcoms=pushed)


main()
