import { Button } from "@mantine/core";
import { Link, useLocation } from "@tanstack/react-router";
import { Compass } from "lucide-react";
import { EmptyState } from "@/components/EmptyState";

export function NotFound() {
  const { pathname } = useLocation();
  return (
    <EmptyState
      icon={Compass}
      title="There is no such page"
      body={`Nothing lives at ${pathname}.`}
      action={
        <Button component={Link} to="/">
          Go to Overview
        </Button>
      }
    />
  );
}
