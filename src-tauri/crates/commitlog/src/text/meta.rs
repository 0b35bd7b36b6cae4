use uuid::Uuid;

use super::{TextProblem, number, parse_uuid, uuid_text};

/// Whose data a log directory holds: `meta.properties`, version 1 (KRaft).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MetaProperties {
    pub(crate) node_id: i32,
    pub(crate) cluster_id: String,
    /// Missing in directories written before Kafka 3.7.
    pub(crate) directory_id: Option<Uuid>,
}

impl MetaProperties {
    pub(crate) fn parse(text: &str) -> Result<MetaProperties, TextProblem> {
        let (mut version, mut node_id, mut cluster_id, mut directory_id) = (None, None, None, None);
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (key, value) = line
                .split_once('=')
                .ok_or_else(|| TextProblem::new(index + 1, format!("{line:?} is no key=value")))?;
            match key.trim() {
                "version" => version = Some(value.trim()),
                "node.id" => node_id = Some(number(index + 1, value.trim())?),
                "cluster.id" => cluster_id = Some(value.trim().to_owned()),
                "directory.id" => {
                    let id = parse_uuid(value.trim());
                    let problem = || format!("{:?} is no UUID in 22 characters", value.trim());
                    directory_id = Some(id.ok_or_else(|| TextProblem::new(index + 1, problem()))?);
                }
                _ => {}
            }
        }
        let missing = |key: &str| TextProblem::new(1, format!("{key} is missing"));
        match version {
            Some("1") => {}
            Some(other) => return Err(TextProblem::new(1, format!("version {other} is unknown"))),
            None => return Err(missing("version")),
        }
        Ok(MetaProperties {
            node_id: node_id.ok_or_else(|| missing("node.id"))?,
            cluster_id: cluster_id.ok_or_else(|| missing("cluster.id"))?,
            directory_id,
        })
    }

    pub(crate) fn format(&self) -> String {
        let mut text = format!("cluster.id={}\n", self.cluster_id);
        if let Some(directory_id) = self.directory_id {
            text.push_str(&format!("directory.id={}\n", uuid_text(directory_id)));
        }
        text.push_str(&format!("node.id={}\nversion=1\n", self.node_id));
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_kafkas_file_and_its_own() {
        let text = "#\n#Fri Nov 21 07:00:00 UTC 2025\ncluster.id=4L6g3nShT-eMCtK--X86sw\n\
                    directory.id=Wd9bZ5uYQIWmY0Xk3t0hWg\nnode.id=1\nversion=1\n";
        let meta = MetaProperties::parse(text).expect("sound");
        assert_eq!((meta.node_id, meta.cluster_id.as_str()), (1, "4L6g3nShT-eMCtK--X86sw"));
        assert_eq!(MetaProperties::parse(&meta.format()), Ok(meta));
    }

    #[test]
    fn names_what_is_missing() {
        let problem = |text| MetaProperties::parse(text).expect_err("unsound").problem;
        assert_eq!(problem(""), "version is missing");
        assert_eq!(problem("version=1\n"), "node.id is missing");
        assert_eq!(problem("version=0\nnode.id=1\ncluster.id=a\n"), "version 0 is unknown");
        assert_eq!(problem("version=1\nnode.id=x\n"), "\"x\" is no number here");
        assert_eq!(problem("directory.id=Wd9bZ\n"), "\"Wd9bZ\" is no UUID in 22 characters");
    }
}
