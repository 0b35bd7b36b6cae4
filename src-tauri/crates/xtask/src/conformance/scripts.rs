//! Kafka's scripts, as far as suites call them, by its jars.

use std::path::Path;

use crate::peers::Scratch;

const SCRIPTS: &[(&str, &str)] = &[
    ("kafka-topics.sh", "org.apache.kafka.tools.TopicCommand"),
    ("kafka-configs.sh", "kafka.admin.ConfigCommand"),
    ("kafka-acls.sh", "org.apache.kafka.tools.AclCommand"),
    // The class is its first argument.
    ("kafka-run-class.sh", ""),
];

/// A folder like that of a Kafka release: `bin/` with the scripts, `libs/` with the jars.
pub(crate) fn kafka_scripts(jars: &Path) -> anyhow::Result<Scratch> {
    let scratch = Scratch::new("kafka-scripts")?;
    let bin = scratch.path().join("bin");
    std::fs::create_dir(&bin)?;
    for (name, class) in SCRIPTS {
        let script = format!(
            "#!/bin/sh\nexec java -Xmx128m -XX:TieredStopAtLevel=1 \
             -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp \"$CLASSPATH:{}/*\" {class} \"$@\"\n",
            jars.display()
        );
        let path = bin.join(name);
        std::fs::write(&path, script)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
        }
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink(jars, scratch.path().join("libs"))?;
    Ok(scratch)
}
