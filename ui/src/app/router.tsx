/** Every page of the window. A feature adds its own in its `routes.tsx`. */
import { createRouter } from "@tanstack/react-router";
import { PageSkeleton } from "@/components/Skeletons";
import { brokersRoutes } from "@/features/brokers/routes";
import { consumersRoutes } from "@/features/consumers/routes";
import { overviewRoutes } from "@/features/overview/routes";
import { pipelinesRoutes } from "@/features/pipelines/routes";
import { runsRoutes } from "@/features/runs/routes";
import { schemasRoutes } from "@/features/schemas/routes";
import { settingsRoutes } from "@/features/settings/routes";
import { topicsRoutes } from "@/features/topics/routes";
import { PageError } from "./PageError";
import { rootRoute } from "./root";

export const routeTree = rootRoute.addChildren([
  ...overviewRoutes,
  ...brokersRoutes,
  ...topicsRoutes,
  ...consumersRoutes,
  ...schemasRoutes,
  ...pipelinesRoutes,
  ...runsRoutes,
  ...settingsRoutes,
]);

export const createAppRouter = () =>
  createRouter({
    routeTree,
    defaultPreload: "intent",
    defaultPendingComponent: PageSkeleton,
    defaultPendingMs: 80,
    defaultErrorComponent: PageError,
  });

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
