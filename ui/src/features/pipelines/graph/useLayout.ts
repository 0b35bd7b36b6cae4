import { useEffect, useState } from "react";
import { layoutModel, modelKey } from "@/graph/engine";
import type { Layout } from "@/graph/layout";
import type { GraphModel } from "@/graph/model";

export interface Laid {
  /** The model these positions belong to. */
  model: GraphModel;
  layout: Layout;
}

/**
 * The model's positions. While a changed model is laid out the last one stays
 * to be seen; the same structure is never laid out again.
 */
export function useLayout(model: GraphModel): { layout: Laid | null; error: Error | null } {
  const [laid, setLaid] = useState<Laid | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const key = modelKey(model);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all of the model
  useEffect(() => {
    let current = true;
    layoutModel(model).then(
      (layout) => {
        if (!current) return;
        setLaid({ model, layout });
        setError(null);
      },
      (cause: unknown) => {
        if (current) setError(cause instanceof Error ? cause : new Error(String(cause)));
      },
    );
    return () => {
      current = false;
    };
  }, [key]);

  return { layout: laid, error };
}
