import { CopyButton } from "@/components/CopyButton";
import type { Header } from "@/gen/api";
import classes from "./Headers.module.css";
import { PayloadPreview } from "./PayloadPreview";

export function Headers({ headers }: { headers: readonly Header[] }) {
  if (headers.length === 0) return <p className={classes.none}>This message has no headers.</p>;
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Value</th>
          <th scope="col">
            <span className="visually-hidden">Copy</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {headers.map(({ name, value }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a name may stand twice, the order is fixed
          <tr key={`${index}${name}`}>
            <td className="mono">{name}</td>
            <td title={value.text.slice(0, 500)}>
              <PayloadPreview payload={value} />
            </td>
            <td>
              <CopyButton value={value.text} label={`header ${name}`} size={12} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
