/** The pages of this feature, for `app/router.tsx`. */
export const pipelinesRoutes = [] as const;
