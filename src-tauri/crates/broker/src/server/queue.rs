//! Answers of one connection that wait for the disk, in the order of their requests.

use std::collections::VecDeque;
use std::future::pending;
use std::pin::Pin;

use wire::codec::Writer;

use super::output::Output;

/// With so many waiting no further request is read.
const ANSWERS_MAX: usize = 64;

/// An answer that comes when what it says is durable.
pub(crate) type Durable = Pin<Box<dyn Future<Output = Writer> + Send>>;

enum Answer {
    Ready(Writer),
    Waiting(Durable),
}

/// Answers not yet on their way out.
#[derive(Default)]
pub(super) struct Queue {
    answers: VecDeque<Answer>,
}

impl Queue {
    pub(super) fn is_empty(&self) -> bool {
        self.answers.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.answers.len() >= ANSWERS_MAX
    }

    /// Puts an answer behind those that wait; when none does, it is on its way out at once.
    pub(super) fn push(&mut self, answer: Writer, output: &mut Output) {
        if self.is_empty() {
            output.push(answer);
        } else {
            self.answers.push_back(Answer::Ready(answer));
        }
    }

    /// Puts an answer that waits behind the others.
    pub(super) fn push_waiting(&mut self, answer: Durable) {
        self.answers.push_back(Answer::Waiting(answer));
    }

    /// The next answer in order; never, when there is none. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Writer {
        let answer = match self.answers.front_mut() {
            None => pending().await,
            Some(Answer::Waiting(answer)) => answer.as_mut().await,
            Some(Answer::Ready(answer)) => std::mem::take(answer),
        };
        self.answers.pop_front();
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::oneshot;

    fn writer(text: &str) -> Writer {
        let mut writer = Writer::new();
        writer.put(text.as_bytes());
        writer
    }

    #[tokio::test]
    async fn answers_come_in_the_order_of_their_requests() {
        let (mut queue, mut output) = (Queue::default(), Output::default());
        queue.push(writer("at once"), &mut output);
        let mut sent = Vec::new();
        output.flush(&mut sent).await.unwrap();
        assert_eq!(sent, b"at once");
        let (durable, wait) = oneshot::channel();
        queue.push_waiting(Box::pin(async move { wait.await.unwrap() }));
        queue.push(writer("second"), &mut output);
        let early = tokio::select! {
            biased;
            _ = queue.next() => true,
            () = tokio::task::yield_now() => false,
        };
        assert!(!early, "the first is not durable yet");
        durable.send(writer("first")).unwrap();
        assert_eq!(queue.next().await.into_bytes(), "first");
        assert_eq!(queue.next().await.into_bytes(), "second");
        assert!(queue.is_empty());
    }
}
