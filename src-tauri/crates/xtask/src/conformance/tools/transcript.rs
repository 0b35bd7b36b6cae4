//! What one session printed.

/// A step and what the tool printed for either broker.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) text: String,
    pub(super) kafka: Vec<String>,
    pub(super) pumphouse: Vec<String>,
}

/// Reads "step N TEXT" and, after it, "kafka| LINE" and "pumphouse| LINE".
pub(super) fn parse(transcript: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in transcript.lines() {
        if let Some(step) = line.strip_prefix("step ") {
            let text = step.split_once(' ').map_or("", |(_, text)| text).to_owned();
            steps.push(Step { text, ..Step::default() });
        } else if let Some(step) = steps.last_mut() {
            if let Some(line) = line.strip_prefix("kafka| ") {
                step.kafka.push(line.to_owned());
            } else if let Some(line) = line.strip_prefix("pumphouse| ") {
                step.pumphouse.push(line.to_owned());
            }
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_belong_to_the_step_before_them() {
        let text =
            "noise\nstep 0 topics --list\nkafka| a\nkafka| exit 0\npumphouse| exit 0\nstep 1 @stop x\ndone\n";
        let expected = [
            Step {
                text: "topics --list".to_owned(),
                kafka: vec!["a".to_owned(), "exit 0".to_owned()],
                pumphouse: vec!["exit 0".to_owned()],
            },
            Step { text: "@stop x".to_owned(), ..Step::default() },
        ];
        assert_eq!(parse(text), expected);
    }
}
