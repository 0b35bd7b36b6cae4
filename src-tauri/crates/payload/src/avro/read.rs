//! Avro's binary encoding into JSON text, in one pass and within bounds.

use super::{
    decimal,
    graph::{Field, Graph, Node, NodeId, Repr},
    union::{Union, branch_name},
};
use crate::{
    Limits,
    frame::hyphenated,
    path::Path,
    schema::AvroSchema,
    text::{Full, Text},
};

/// The bytes are not what the schema says.
#[derive(Debug, thiserror::Error)]
#[error("{reason} (at byte {at} of the Avro data, {path})")]
pub(crate) struct ReadError {
    at: usize,
    path: Path,
    reason: String,
}

/// The one value `bytes` hold, as JSON text, and whether that was cut short.
pub(crate) fn read(schema: &AvroSchema, bytes: &[u8], limits: Limits) -> Result<(String, bool), ReadError> {
    let mut reader = Reader {
        graph: &schema.graph,
        bytes,
        at: 0,
        text: Text::new(limits.text_bytes_max),
        depth_max: limits.depth_max,
    };
    match reader.value(schema.graph.root(), 0) {
        Ok(()) if reader.at == bytes.len() => Ok((reader.text.into_string(), false)),
        Ok(()) => Err(ReadError {
            at: reader.at,
            path: Path::default(),
            reason: format!("{} bytes are left over after the value", bytes.len() - reader.at),
        }),
        Err(Stop::Full) => Ok((reader.text.into_string(), true)),
        Err(Stop::Corrupt(error)) => Err(*error),
    }
}

enum Stop {
    Full,
    Corrupt(Box<ReadError>),
}

impl From<Full> for Stop {
    fn from(Full: Full) -> Self {
        Self::Full
    }
}

impl Stop {
    fn inside(self, step: impl FnOnce(Path) -> Path) -> Self {
        match self {
            Self::Full => Self::Full,
            Self::Corrupt(mut error) => {
                error.path = step(std::mem::take(&mut error.path));
                Self::Corrupt(error)
            }
        }
    }
}

struct Reader<'a> {
    graph: &'a Graph,
    bytes: &'a [u8],
    at: usize,
    text: Text,
    depth_max: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, id: NodeId, depth: usize) -> Result<(), Stop> {
        if depth > self.depth_max {
            return Err(self.corrupt(format!("the value nests deeper than {} levels", self.depth_max)));
        }
        let graph = self.graph;
        match graph.node(id) {
            Node::Null => Ok(self.text.push("null")?),
            Node::Boolean => match self.take(1)? {
                [0] => Ok(self.text.push("false")?),
                [1] => Ok(self.text.push("true")?),
                other => Err(self.corrupt(format!("{} is no boolean", other[0]))),
            },
            Node::Int => {
                let long = self.long()?;
                let int =
                    i32::try_from(long).map_err(|_| self.corrupt(format!("{long} does not fit an int")))?;
                Ok(self.text.push(&int.to_string())?)
            }
            Node::Long => {
                let long = self.long()?;
                Ok(self.text.push(&long.to_string())?)
            }
            Node::Float | Node::Double => {
                let number = self.float(graph.node(id))?;
                Ok(self.text.push(&number.json)?)
            }
            Node::Bytes => {
                let bytes = self.sized("bytes")?;
                Ok(self.text.push_bytes(bytes)?)
            }
            Node::String => {
                let string = self.string()?;
                Ok(self.text.push_string(string)?)
            }
            Node::Fixed { size, .. } => {
                let bytes = self.take(*size)?;
                Ok(self.text.push_bytes(bytes)?)
            }
            Node::Decimal { scale, repr, .. } => {
                let unscaled = self.repr(repr)?;
                self.decimal(unscaled, i64::try_from(*scale).unwrap_or(i64::MAX))
            }
            Node::BigDecimal => self.big_decimal(),
            Node::Uuid { repr } => self.uuid(repr),
            Node::Duration { .. } => self.duration(),
            Node::Enum { symbols, name, .. } => {
                let index = self.long()?;
                let symbol =
                    usize::try_from(index).ok().and_then(|index| symbols.get(index)).ok_or_else(|| {
                        self.corrupt(format!(
                            "{index} is no symbol of the enum `{name}`, which has {}",
                            symbols.len()
                        ))
                    })?;
                Ok(self.text.push_string(symbol)?)
            }
            Node::Array(items) => self.array(*items, depth),
            Node::Map(values) => self.map(*values, depth),
            Node::Record { fields, .. } => self.record(fields, depth),
            Node::Union(union) => self.union(union, depth),
        }
    }

    fn array(&mut self, items: NodeId, depth: usize) -> Result<(), Stop> {
        self.text.push("[")?;
        let mut index = 0;
        loop {
            let count = self.block_count()?;
            if count == 0 {
                break;
            }
            // Every item writes text, so a count no bytes stand behind ends at
            // the text's limit.
            for _ in 0..count {
                if index > 0 {
                    self.text.push(",")?;
                }
                self.value(items, depth + 1).map_err(|stop| stop.inside(|path| path.in_index(index)))?;
                index += 1;
            }
        }
        Ok(self.text.push("]")?)
    }

    fn map(&mut self, values: NodeId, depth: usize) -> Result<(), Stop> {
        self.text.push("{")?;
        let mut is_first = true;
        loop {
            let count = self.block_count()?;
            if count == 0 {
                break;
            }
            for _ in 0..count {
                if !std::mem::take(&mut is_first) {
                    self.text.push(",")?;
                }
                let key = self.string()?;
                self.text.push_string(key)?;
                self.text.push(":")?;
                self.value(values, depth + 1).map_err(|stop| stop.inside(|path| path.in_name(key)))?;
            }
        }
        Ok(self.text.push("}")?)
    }

    fn record(&mut self, fields: &[Field], depth: usize) -> Result<(), Stop> {
        self.text.push("{")?;
        for (index, field) in fields.iter().enumerate() {
            if index > 0 {
                self.text.push(",")?;
            }
            self.text.push_string(&field.name)?;
            self.text.push(":")?;
            self.value(field.node, depth + 1)
                .map_err(|stop| stop.inside(|path| path.in_name(&field.name)))?;
        }
        Ok(self.text.push("}")?)
    }

    fn union(&mut self, union: &Union, depth: usize) -> Result<(), Stop> {
        let index = self.long()?;
        let at = usize::try_from(index).ok().filter(|&at| at < union.branches.len()).ok_or_else(|| {
            self.corrupt(format!("{index} is no branch of the union, which has {}", union.branches.len()))
        })?;
        let (id, graph) = (union.branches[at], self.graph);
        let node = graph.node(id);
        if let Node::Float | Node::Double = node
            && union.plain[at]
        {
            let number = self.float(node)?;
            if number.is_finite || !union.wraps_infinite {
                return Ok(self.text.push(&number.json)?);
            }
            return Ok(self.text.push(&format!("{{\"{}\":{}}}", branch_name(node), number.json))?);
        }
        if union.plain[at] {
            return self.value(id, depth + 1);
        }
        self.text.push("{")?;
        self.text.push_string(branch_name(node))?;
        self.text.push(":")?;
        self.value(id, depth + 1)?;
        Ok(self.text.push("}")?)
    }

    fn float(&mut self, node: &Node) -> Result<Float, Stop> {
        // Debug, not Display: it keeps `1.0` and `1e300` short and exact.
        let (is_finite, mut json) = if let Node::Float = node {
            let number = f32::from_le_bytes(self.array_of()?);
            (number.is_finite(), format!("{number:?}"))
        } else {
            let number = f64::from_le_bytes(self.array_of()?);
            (number.is_finite(), format!("{number:?}"))
        };
        if !is_finite {
            json = match json.as_str() {
                "inf" => "\"Infinity\"".into(),
                "-inf" => "\"-Infinity\"".into(),
                _ => "\"NaN\"".into(),
            };
        }
        Ok(Float { is_finite, json })
    }

    fn decimal(&mut self, unscaled: &[u8], scale: i64) -> Result<(), Stop> {
        let text = decimal::to_text(unscaled, scale).ok_or_else(|| {
            self.corrupt(format!(
                "a decimal of {} bytes and scale {scale} is too large to show",
                unscaled.len()
            ))
        })?;
        Ok(self.text.push_string(&text)?)
    }

    /// apache-avro's own type: bytes that hold bytes and a scale.
    fn big_decimal(&mut self) -> Result<(), Stop> {
        let whole = self.sized("bytes")?;
        let end = self.at;
        self.at = end - whole.len();
        let unscaled = self.sized("bytes")?;
        let scale = self.long()?;
        if self.at != end {
            return Err(self.corrupt("a big-decimal's length does not fit its content".into()));
        }
        self.decimal(unscaled, scale)
    }

    fn uuid(&mut self, repr: &Repr) -> Result<(), Stop> {
        let bytes = self.repr(repr)?;
        let text = match (repr, <&[u8; 16]>::try_from(bytes)) {
            (Repr::String, _) => std::str::from_utf8(bytes).map(str::to_owned).ok(),
            (Repr::Bytes | Repr::Fixed { .. }, Ok(bytes)) => Some(hyphenated(bytes)),
            (Repr::Bytes | Repr::Fixed { .. }, Err(_)) => None,
        };
        let text = text.ok_or_else(|| self.corrupt("these bytes are no uuid".into()))?;
        Ok(self.text.push_string(&text)?)
    }

    fn duration(&mut self) -> Result<(), Stop> {
        let (months, days, millis) = (self.array_of()?, self.array_of()?, self.array_of()?);
        let [months, days, millis] = [months, days, millis].map(u32::from_le_bytes);
        Ok(self.text.push(&format!("{{\"months\":{months},\"days\":{days},\"millis\":{millis}}}"))?)
    }

    fn repr(&mut self, repr: &Repr) -> Result<&'a [u8], Stop> {
        match repr {
            Repr::Bytes | Repr::String => self.sized("bytes"),
            Repr::Fixed { size, .. } => self.take(*size),
        }
    }

    fn string(&mut self) -> Result<&'a str, Stop> {
        let start = self.at;
        let bytes = self.sized("string")?;
        std::str::from_utf8(bytes).map_err(|error| {
            self.at = start;
            self.corrupt(format!("a string is not UTF-8: {error}"))
        })
    }

    /// Bytes behind their length.
    fn sized(&mut self, what: &str) -> Result<&'a [u8], Stop> {
        let length = self.long()?;
        let length = usize::try_from(length)
            .map_err(|_| self.corrupt(format!("a {what} cannot be {length} bytes long")))?;
        self.take(length)
    }

    /// How many items follow; the size that comes with a negative count is for
    /// those who skip.
    fn block_count(&mut self) -> Result<u64, Stop> {
        let count = self.long()?;
        if count < 0 {
            self.long()?;
        }
        Ok(count.unsigned_abs())
    }

    fn long(&mut self) -> Result<i64, Stop> {
        let mut zigzag = 0_u64;
        for shift in (0..64).step_by(7) {
            let [byte] = self.array_of()?;
            let low = u64::from(byte & 0x7f);
            if shift == 63 && low > 1 {
                break;
            }
            zigzag |= low << shift;
            if byte & 0x80 == 0 {
                return Ok((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64));
            }
        }
        Err(self.corrupt("a number is longer than 64 bits".into()))
    }

    fn array_of<const N: usize>(&mut self) -> Result<[u8; N], Stop> {
        let bytes = self.take(N)?;
        bytes.try_into().map_err(|_| self.corrupt("the data ends early".into()))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Stop> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let taken = rest.get(..length).ok_or_else(|| {
            self.corrupt(format!("{length} bytes are expected here, and {} are left", rest.len()))
        })?;
        self.at += length;
        Ok(taken)
    }

    fn corrupt(&self, reason: String) -> Stop {
        Stop::Corrupt(Box::new(ReadError { at: self.at, path: Path::default(), reason }))
    }
}

struct Float {
    is_finite: bool,
    json: String,
}
