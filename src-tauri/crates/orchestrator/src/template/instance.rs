//! `ti` in templates.

use std::sync::Arc;

use minijinja::value::{Kwargs, Object, ObjectRepr, Value, ValueKind, from_args};
use minijinja::{Error, ErrorKind, State};

use super::context::{Scope, named_object};
use super::datetime::invalid;
use crate::records::RunKey;

pub(super) struct TaskInstanceObject(pub Scope);

named_object!(TaskInstanceObject, "<TaskInstance>");

impl Object for TaskInstanceObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let scope = &self.0;
        Some(match key.as_str()? {
            "dag_id" => Value::from(scope.key().dag_id.as_str()),
            "run_id" => Value::from(scope.key().run_id.as_str()),
            "task_id" => Value::from(scope.key().task_id.as_str()),
            "map_index" => Value::from(scope.key().map_index),
            "try_number" => Value::from(scope.try_number()),
            "max_tries" => Value::from(scope.max_tries()),
            "state" => Value::from("running"),
            "operator" => Value::from(scope.dag().task(&scope.key().task_id)?.operator.as_str()),
            _ => return None,
        })
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "xcom_pull" => self.xcom_pull(args),
            _ => Err(Error::new(
                ErrorKind::UnknownMethod,
                format!("a task instance has no method \"{method}\" in templates"),
            )),
        }
    }
}

impl TaskInstanceObject {
    /// `xcom_pull(task_ids=None, key='return_value', default=None, dag_id=None, run_id=None)`.
    fn xcom_pull(&self, args: &[Value]) -> Result<Value, Error> {
        let (positional, kwargs): (Option<Value>, Kwargs) = from_args(args)?;
        let task_ids: Option<Value> = positional.or(kwargs.get("task_ids")?).filter(|ids| !ids.is_none());
        let key: Option<&str> = kwargs.get("key")?;
        let key = key.unwrap_or("return_value");
        let default: Option<Value> = kwargs.get("default")?;
        let dag_id: Option<String> = kwargs.get("dag_id")?;
        let run_id: Option<String> = kwargs.get("run_id")?;
        let map_indexes: Option<Value> = kwargs.get("map_indexes")?;
        // Taken and passed over: nothing is mapped here yet, and prior dates are other runs.
        let _ = (map_indexes, kwargs.get::<Option<bool>>("include_prior_dates")?);
        kwargs.assert_all_used()?;
        let own = self.0.key();
        let run = RunKey::new(
            dag_id.unwrap_or_else(|| own.dag_id.clone()),
            run_id.unwrap_or_else(|| own.run_id.clone()),
        );
        let default = default.unwrap_or(Value::from(()));
        match task_ids {
            None => self.pull(&run, &own.task_id, key, &default),
            Some(ids) if ids.kind() == ValueKind::String => self.pull(&run, &ids.to_string(), key, &default),
            Some(ids) => {
                let mut values = Vec::new();
                for id in ids.try_iter()? {
                    values.push(self.pull(&run, &id.to_string(), key, &default)?);
                }
                Ok(Value::from(values))
            }
        }
    }

    fn pull(&self, run: &RunKey, task_id: &str, key: &str, default: &Value) -> Result<Value, Error> {
        let found = self.0.block_on(self.0.services().store.xcom(run, task_id, key)).map_err(invalid)?;
        Ok(match found.as_slice() {
            [] => default.clone(),
            [(-1, value)] => super::from_json(value),
            many => Value::from_iter(many.iter().map(|(_, value)| super::from_json(value))),
        })
    }
}
