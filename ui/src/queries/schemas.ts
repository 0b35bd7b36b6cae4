/** The schema registry: subjects, their versions, and compatibility. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { CompatibilitySet, SchemaCheck, SchemaRegister, SubjectDelete } from "@/gen/api";
import { rpc } from "@/host/rpc";

const CALM_MS = 10_000;

export const schemaKeys = {
  all: (cluster: string) => ["subjects", cluster] as const,
  one: (cluster: string, subject: string) => ["subject", cluster, subject] as const,
};

export const useSubjects = (cluster: string) =>
  useQuery({
    queryKey: schemaKeys.all(cluster),
    queryFn: ({ signal }) => rpc("subjects_list", { cluster }, signal),
    refetchInterval: CALM_MS,
  });

export const useSubject = (cluster: string, subject: string) =>
  useQuery({
    queryKey: schemaKeys.one(cluster, subject),
    queryFn: ({ signal }) => rpc("subject", { cluster, subject }, signal),
    refetchInterval: CALM_MS,
  });

/** Would registering this be allowed? Asks, changes nothing. */
export const useCheckSchema = () =>
  useMutation({ mutationFn: (params: SchemaCheck) => rpc("schema_check", params) });

export function useRegisterSchema() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (params: SchemaRegister) => rpc("schema_register", params),
    onSuccess: (_registered, { cluster, subject }) =>
      Promise.all([
        client.invalidateQueries({ queryKey: schemaKeys.all(cluster) }),
        client.invalidateQueries({ queryKey: schemaKeys.one(cluster, subject) }),
      ]),
  });
}

export function useSetCompatibility() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (params: CompatibilitySet) => rpc("compatibility_set", params),
    // The global level changes what every inheriting subject shows.
    onSettled: (_data, _error, { cluster }) =>
      Promise.all([
        client.invalidateQueries({ queryKey: schemaKeys.all(cluster) }),
        client.invalidateQueries({ queryKey: ["subject", cluster] }),
      ]),
  });
}

export function useDeleteSubject() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (params: SubjectDelete) => rpc("subject_delete", params),
    onSuccess: (_done, { cluster, subject }) => {
      client.removeQueries({ queryKey: schemaKeys.one(cluster, subject) });
      return client.invalidateQueries({ queryKey: schemaKeys.all(cluster) });
    },
  });
}
