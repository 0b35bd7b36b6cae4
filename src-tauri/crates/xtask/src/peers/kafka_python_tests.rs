//! kafka-python's integration tests, from its source distribution, in an environment of their own.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, bail};

use crate::cache::{self, Stamp};
use crate::sh;

pub(crate) struct KafkaPythonTests {
    /// Holds `test/`.
    pub(crate) home: PathBuf,
    pub(crate) python: PathBuf,
}

/// Fetched once. The distribution leaves out `test/__init__.py` and `test/service.py`: the first is empty, the
/// second, which starts brokers, is ours for a broker that runs already.
pub(crate) fn kafka_python_tests() -> anyhow::Result<KafkaPythonTests> {
    let source = cache::root().join("tests").join("conformance").join("kafka_python");
    let home = cache::dir().join("peers").join("kafka-python-tests");
    let python = home.join("venv").join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let stamp = Stamp::new(home.join(".stamp"), std::slice::from_ref(&source))?;
    if stamp.is_fresh() {
        return Ok(KafkaPythonTests { home, python });
    }
    if home.exists() {
        std::fs::remove_dir_all(&home)?;
    }
    std::fs::create_dir_all(&home)?;
    let base = if cfg!(windows) { "python" } else { "python3" };
    let mut venv = Command::new(base);
    sh::step("make a Python environment for kafka-python's tests", {
        venv.args(["-m", "venv"]).arg(home.join("venv"))
    })?;
    let pip = |args: &[&str]| {
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "--quiet", "--disable-pip-version-check"]).args(args).current_dir(&home);
        pip
    };
    let requirements = source.join("requirements.txt");
    let text = std::fs::read_to_string(&requirements)?;
    let client =
        text.lines().find(|line| line.starts_with("kafka-python==")).context("kafka-python's line")?;
    sh::step(
        "install what kafka-python's tests need",
        pip(&["install", "--requirement"]).arg(&requirements),
    )?;
    sh::step(
        "fetch kafka-python's tests",
        &mut pip(&["download", "--no-deps", "--no-binary", ":all:", "--dest", "sdist", client]),
    )?;
    let archive = std::fs::read_dir(home.join("sdist"))?.next().context("a source distribution")??.path();
    sh::step(
        "unpack kafka-python's tests",
        Command::new(&python).args(["-m", "tarfile", "-e"]).arg(&archive).arg(home.join("unpacked")),
    )?;
    let root = std::fs::read_dir(home.join("unpacked"))?.next().context("a folder in the archive")??.path();
    let test = home.join("test");
    std::fs::rename(root.join("test"), &test).context("the archive has no test/")?;
    std::fs::remove_dir_all(home.join("unpacked"))?;
    for name in ["__init__.py", "service.py"] {
        if test.join(name).exists() {
            bail!("kafka-python's distribution has a test/{name} of its own now: use that");
        }
    }
    std::fs::write(test.join("__init__.py"), "")?;
    std::fs::copy(source.join("service.py"), test.join("service.py"))?;
    stamp.write()?;
    Ok(KafkaPythonTests { home, python })
}
