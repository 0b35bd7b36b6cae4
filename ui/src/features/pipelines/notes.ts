/** Notes at the window's corner about what was asked and did not work. */
import { notifications } from "@mantine/notifications";
import type { RpcError } from "@/host/rpc";

/** For a mutation's `onError`: the title says what did not happen. */
export const failedNote =
  (title: string) =>
  (error: RpcError): void => {
    notifications.show({
      color: "red",
      title,
      message: error.hint ? `${error.message} ${error.hint}` : error.message,
    });
  };
