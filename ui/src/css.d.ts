import "react";

declare module "react" {
  interface CSSProperties {
    /** Our own variables may be set inline. */
    [variable: `--${string}`]: string | number | undefined;
  }
}
