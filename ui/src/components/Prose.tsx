/** A sentence whose `quoted` words stand as code. Text nodes only. */
export function Prose({ text }: { text: string }) {
  return text.split("`").map((part, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of one sentence keep their order
      <code key={index}>{part}</code>
    ) : (
      part
    ),
  );
}
