//! The TypeScript twin of this crate, one file: `ui/src/gen/api.ts`.

use std::collections::BTreeMap;

use ts_rs::{Config, TS, TypeVisitor};

use crate::commands::{Visitor, visit};
use crate::error::ApiError;

/// The whole text of `ui/src/gen/api.ts`.
pub fn render() -> String {
    let mut collector = Collector { config: Config::new().with_large_int("number"), ..Collector::default() };
    collector.add::<ApiError>();
    visit(&mut collector);

    let mut out =
        String::from("// Written by `cargo xtask bindings` from the crate `api`. Never edited by hand.\n");
    for declaration in collector.declarations.values() {
        out.push_str("\nexport ");
        out.push_str(declaration);
        out.push('\n');
    }
    out.push_str("\n/** Each command's parameters and reply. */\nexport interface Commands {\n");
    for (name, params, reply) in &collector.commands {
        out.push_str(&format!("  {name}: {{ params: {params}; reply: {reply} }};\n"));
    }
    out.push_str("}\n");
    out
}

#[derive(Default)]
struct Collector {
    config: Config,
    declarations: BTreeMap<String, String>,
    commands: Vec<(&'static str, String, String)>,
}

impl Collector {
    fn add<T: TS + 'static + ?Sized>(&mut self) {
        // Only types that have a file of their own are declared; the rest stand inline.
        if T::output_path().is_some() {
            let name = T::ident(&self.config);
            if self.declarations.contains_key(&name) {
                return;
            }
            self.declarations.insert(name, T::decl(&self.config));
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

impl TypeVisitor for Collector {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        self.add::<T>();
    }
}

impl Visitor for Collector {
    fn command<P: TS + 'static, R: TS + 'static>(&mut self, name: &'static str) {
        self.add::<P>();
        self.add::<R>();
        self.commands.push((name, P::name(&self.config), R::name(&self.config)));
    }
}

#[cfg(test)]
mod tests {
    /// The committed file is what these types say now. `UPDATE_BINDINGS=1` writes it.
    #[test]
    fn the_committed_bindings_are_fresh() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/gen/api.ts");
        let fresh = super::render();
        if std::env::var_os("UPDATE_BINDINGS").is_some() {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("ui/src/gen can be made");
            std::fs::write(&path, &fresh).expect("ui/src/gen/api.ts can be written");
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == fresh, "ui/src/gen/api.ts is stale: run `cargo xtask bindings`");
    }
}
