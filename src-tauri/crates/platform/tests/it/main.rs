//! The platform as the window sees it: started on a temporary directory, asked through `dispatch`.

mod attach;
mod dags;
mod groups;
mod lifecycle;
mod messages;
mod quickstart;
mod schemas;
mod secured;
mod support;
mod topics;
