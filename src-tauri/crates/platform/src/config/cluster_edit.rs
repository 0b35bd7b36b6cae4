//! One attached cluster of a TOML text changed, everything else left as it was written.

use toml_edit::{DocumentMut, Item, Table, Value};

use super::AttachedCluster;

/// Sets `[clusters.<id>]`, or takes it out.
pub(super) fn set_cluster(text: &str, id: &str, cluster: Option<&AttachedCluster>) -> Result<String, String> {
    let mut document: DocumentMut =
        text.parse().map_err(|error: toml_edit::TomlError| error.message().to_owned())?;
    let clusters = document.entry("clusters").or_insert_with(|| {
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    let clusters = clusters.as_table_like_mut().ok_or("`clusters` is no table")?;
    let Some(cluster) = cluster else {
        clusters.remove(id);
        if clusters.is_empty() {
            document.remove("clusters");
        }
        return Ok(document.to_string());
    };
    let entry = clusters.entry(id).or_insert_with(|| Item::Table(Table::new()));
    let entry = entry.as_table_like_mut().ok_or_else(|| format!("`clusters.{id}` is no table"))?;
    let AttachedCluster {
        name,
        color,
        bootstrap_servers,
        registry_url,
        registry_username,
        registry_password,
        registry_token,
        registry_ca_file,
        read_only,
        properties,
    } = cluster;
    let texts = [
        ("name", name),
        ("color", color),
        ("bootstrap_servers", &Some(bootstrap_servers.clone())),
        ("registry_url", registry_url),
        ("registry_username", registry_username),
        ("registry_password", registry_password),
        ("registry_token", registry_token),
        ("registry_ca_file", registry_ca_file),
    ];
    for (key, value) in texts {
        set(entry, key, value.as_deref().map(Value::from));
    }
    set(entry, "read_only", read_only.then(|| Value::from(true)));
    if properties.is_empty() {
        entry.remove("properties");
        return Ok(document.to_string());
    }
    let own = entry.entry("properties").or_insert_with(|| Item::Table(Table::new()));
    let own = own.as_table_like_mut().ok_or_else(|| format!("`clusters.{id}.properties` is no table"))?;
    let gone: Vec<String> =
        own.iter().map(|(key, _)| key.to_owned()).filter(|key| !properties.contains_key(key)).collect();
    gone.iter().for_each(|key| drop(own.remove(key)));
    for (key, value) in properties {
        set(own, key, Some(Value::from(value.as_str())));
    }
    Ok(document.to_string())
}

/// A value that stays the same keeps its place and comment.
fn set(table: &mut dyn toml_edit::TableLike, key: &str, value: Option<Value>) {
    let Some(mut value) = value else {
        table.remove(key);
        return;
    };
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(known) => {
            *value.decor_mut() = known.decor().clone();
            *known = value;
        }
        None => drop(table.insert(key, Item::Value(value))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_is_set_in_its_place() {
        let text = "# mine\nhost = \"a\" # here\n\n[clusters.prod] # careful\nbootstrap_servers = \"x:1\" # old\nregistry_token = \"t\"\n\n[variables]\nv = \"1\"\n";
        let mut cluster =
            AttachedCluster { bootstrap_servers: "y:2".to_owned(), ..AttachedCluster::default() };
        let changed = set_cluster(text, "prod", Some(&cluster)).expect("it is set");
        assert_eq!(
            changed,
            "# mine\nhost = \"a\" # here\n\n[clusters.prod] # careful\nbootstrap_servers = \"y:2\" # old\n\n[variables]\nv = \"1\"\n"
        );
        cluster.read_only = true;
        cluster.properties = [("sasl.username".to_owned(), "a \"b\"".to_owned())].into();
        let added = set_cluster(&changed, "new one", Some(&cluster)).expect("it is added");
        let read = crate::config::file::FileConfig::parse(&added, std::path::Path::new("config.toml"))
            .expect("it reads");
        assert_eq!(read.clusters.get("new one"), Some(&cluster));
        assert_eq!(set_cluster(&added, "new one", None).expect("it goes"), changed);
        let empty = set_cluster("", "a", Some(&cluster)).expect("it is set");
        assert_eq!(set_cluster(&empty, "a", None).expect("it goes").trim(), "");
    }
}
