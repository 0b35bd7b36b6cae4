//! `var` and `conn` in templates.

use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr, Value, from_args};
use minijinja::{Error, ErrorKind, State};

use super::context::{Scope, named_object};
use super::datetime::invalid;
use crate::ports::Connection;

pub(super) struct VariablesObject(pub Scope);

named_object!(VariablesObject, "<variables>");

impl Object for VariablesObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let json = match key.as_str()? {
            "value" => false,
            "json" => true,
            _ => return None,
        };
        Some(Value::from_object(Accessor { scope: self.0.clone(), json }))
    }
}

/// `var.value` or `var.json`.
struct Accessor {
    scope: Scope,
    json: bool,
}

named_object!(Accessor, "<variables>");

impl Accessor {
    fn lookup(&self, name: &str) -> Result<Option<Value>, Error> {
        let Some(text) = self.scope.services().ports.connections.variable(name) else { return Ok(None) };
        if !self.json {
            return Ok(Some(Value::from(text)));
        }
        let json: serde_json::Value = serde_json::from_str(&text)
            .map_err(|error| invalid(format!("the variable \"{name}\" is no JSON: {error}")))?;
        Ok(Some(super::from_json(json)))
    }
}

impl Object for Accessor {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        // A broken one counts as undefined, which fails the task as well.
        self.lookup(key.as_str()?).ok().flatten()
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        if method != "get" {
            return Err(Error::from(ErrorKind::UnknownMethod));
        }
        let (name, default): (&str, Option<Value>) = from_args(args)?;
        match self.lookup(name)?.or(default) {
            Some(value) => Ok(value),
            None => Err(invalid(format!(
                "there is no variable \"{name}\": set the environment variable AIRFLOW_VAR_{}",
                name.to_uppercase()
            ))),
        }
    }
}

pub(super) struct ConnectionsObject(pub Scope);

named_object!(ConnectionsObject, "<connections>");

impl Object for ConnectionsObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let found = self.0.services().ports.connections.get(key.as_str()?)?;
        Some(Value::from_object(ConnectionObject(found)))
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        if method != "get" {
            return Err(Error::from(ErrorKind::UnknownMethod));
        }
        let (name, default): (&str, Option<Value>) = from_args(args)?;
        let found = self.0.services().ports.connections.get(name);
        found
            .map(|found| Value::from_object(ConnectionObject(found)))
            .or(default)
            .ok_or_else(|| invalid(format!("there is no connection \"{name}\"")))
    }
}

struct ConnectionObject(Connection);

named_object!(ConnectionObject, "<Connection>");

impl Object for ConnectionObject {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let found = &self.0;
        Some(match key.as_str()? {
            "conn_id" => Value::from(found.conn_id.as_str()),
            "conn_type" => Value::from(found.conn_type.as_str()),
            "host" => Value::from(found.host.clone()),
            "port" => Value::from(found.port),
            "login" => Value::from(found.login.clone()),
            "password" => Value::from(found.password.clone()),
            "schema" => Value::from(found.schema.clone()),
            "extra_dejson" => super::from_json(&found.extra),
            "extra" => Value::from(found.extra.to_string()),
            _ => return None,
        })
    }
}
