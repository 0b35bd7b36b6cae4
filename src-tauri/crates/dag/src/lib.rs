//! DAGs as values: model, YAML authoring, timetables, trigger rules. Pure.
