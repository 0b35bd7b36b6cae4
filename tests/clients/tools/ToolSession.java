import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.utils.Exit;

/**
 * Runs Apache Kafka's command-line tools one after the other in one JVM, each against several clusters in turn.
 *
 * <p>Arguments: a file of steps, a folder for files, then NAME=BOOTSTRAP[=LOGS] for each cluster. A step is a line: a tool's
 * short name with its arguments, or a word of {@link LiveClients} that begins with @. What each printed is
 * written as lines "step N TEXT", then "NAME| LINE" for each cluster.
 */
public final class ToolSession {
    private static final long LIMIT_MS = 40_000;

    /** Where a tool wants the cluster's address. */
    private enum Address { BEFORE, AFTER, NONE }

    private record Tool(String type, Address address) {}

    private static final Map<String, Tool> TOOLS = new LinkedHashMap<>();

    private static void tool(String name, String type, Address address) {
        TOOLS.put(name, new Tool(type, address));
    }

    static {
        String tools = "org.apache.kafka.tools.";
        tool("topics", tools + "TopicCommand", Address.AFTER);
        tool("configs", "kafka.admin.ConfigCommand", Address.AFTER);
        tool("consumer-groups", tools + "consumer.group.ConsumerGroupCommand", Address.AFTER);
        tool("share-groups", tools + "consumer.group.ShareGroupCommand", Address.AFTER);
        tool("streams-groups", tools + "streams.StreamsGroupCommand", Address.AFTER);
        tool("groups", tools + "GroupsCommand", Address.AFTER);
        tool("transactions", tools + "TransactionsCommand", Address.BEFORE);
        tool("log-dirs", tools + "LogDirsCommand", Address.AFTER);
        tool("acls", tools + "AclCommand", Address.AFTER);
        tool("delete-records", tools + "DeleteRecordsCommand", Address.AFTER);
        tool("get-offsets", tools + "GetOffsetShell", Address.AFTER);
        tool("features", tools + "FeatureCommand", Address.BEFORE);
        tool("api-versions", tools + "BrokerApiVersionsCommand", Address.AFTER);
        tool("cluster", tools + "ClusterTool", Address.AFTER);
        tool("leader-election", tools + "LeaderElectionCommand", Address.AFTER);
        tool("metadata-quorum", tools + "MetadataQuorumCommand", Address.BEFORE);
        tool("reassign-partitions", tools + "reassign.ReassignPartitionsCommand", Address.AFTER);
        tool("client-metrics", tools + "ClientMetricsCommand", Address.AFTER);
        tool("delegation-tokens", tools + "DelegationTokenCommand", Address.AFTER);
        tool("verifiable-producer", tools + "VerifiableProducer", Address.AFTER);
        tool("verifiable-consumer", tools + "VerifiableConsumer", Address.AFTER);
        tool("console-producer", tools + "ConsoleProducer", Address.AFTER);
        tool("console-consumer", tools + "consumer.ConsoleConsumer", Address.AFTER);
        tool("console-share-consumer", tools + "consumer.ConsoleShareConsumer", Address.AFTER);
        tool("e2e-latency", tools + "EndToEndLatency", Address.AFTER);
        tool("streams-reset", tools + "StreamsResetter", Address.AFTER);
        tool("replica-verification", tools + "ReplicaVerificationTool", Address.AFTER);
        tool("dump-log", tools + "DumpLogSegments", Address.NONE);
    }

    /** Thrown through a tool that asks for the process' end. */
    private static final class Ended extends Error {
        private static final long serialVersionUID = 1;

        private Ended() {
            super("the tool ended");
        }
    }

    /** What the tools print; some take hold of System.out once and for all. */
    private static final class Screen extends OutputStream {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean open;

        @Override
        public synchronized void write(int b) {
            if (open) {
                bytes.write(b);
            }
        }

        synchronized void begin() {
            bytes.reset();
            open = true;
        }

        synchronized void resume() {
            open = true;
        }

        synchronized void freeze() {
            open = false;
        }

        synchronized String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }

    private static final Screen SCREEN = new Screen();
    private static volatile Integer exitCode;

    public static void main(String[] args) throws Exception {
        List<String> steps = Files.readAllLines(Path.of(args[0]));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        PrintStream screen = new PrintStream(SCREEN, true, StandardCharsets.UTF_8);
        System.setOut(screen);
        System.setErr(screen);
        Exit.Procedure end = (code, message) -> {
            if (exitCode == null) {
                if (message != null) {
                    screen.println(message);
                }
                exitCode = code;
                SCREEN.freeze();
            }
            throw new Ended();
        };
        Exit.setExitProcedure(end);
        Exit.setHaltProcedure(end);
        Map<String, LiveClients> clusters = new LinkedHashMap<>();
        for (int index = 2; index < args.length; index++) {
            String[] parts = args[index].split("=", 3);
            Path folder = Files.createDirectories(Path.of(args[1], parts[0]));
            String logs = parts.length == 3 ? parts[2] : "";
            clusters.put(parts[0], new LiveClients(parts[1], logs, folder));
        }
        int number = 0;
        for (String step : steps) {
            if (step.isBlank() || step.startsWith("#")) {
                continue;
            }
            out.println("step " + number++ + " " + step.strip());
            for (Map.Entry<String, LiveClients> cluster : clusters.entrySet()) {
                for (String line : run(step.strip(), cluster.getValue())) {
                    out.println(cluster.getKey() + "| " + line);
                }
            }
            out.flush();
        }
        clusters.values().forEach(LiveClients::close);
        out.println("done");
        out.flush();
        Runtime.getRuntime().halt(0);
    }

    private static List<String> run(String step, LiveClients cluster) throws Exception {
        List<String> words = Words.split(step, cluster);
        String input = "";
        int arrow = words.indexOf("<");
        if (arrow >= 0) {
            input = words.get(arrow + 1);
            words = words.subList(0, arrow);
        }
        String name = words.get(0);
        List<String> arguments = new ArrayList<>(words.subList(1, words.size()));
        Runnable work;
        if (name.startsWith("@")) {
            work = () -> cluster.run(name.substring(1), arguments);
        } else {
            Tool tool = TOOLS.get(name);
            if (tool == null) {
                throw new IllegalArgumentException("no tool is called " + name);
            }
            List<String> address = List.of("--bootstrap-server", cluster.bootstrap());
            switch (tool.address()) {
                case BEFORE -> arguments.addAll(0, address);
                case AFTER -> arguments.addAll(address);
                case NONE -> { }
            }
            work = () -> call(tool.type(), arguments);
        }
        exitCode = null;
        Map<Thread, Thread> hooks = hooks();
        Set<Thread> others = Set.copyOf(hooks.keySet());
        System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
        SCREEN.begin();
        boolean late = !ends(work, name);
        SCREEN.resume();
        // What the tool would do when its process ends, it does now.
        for (Thread hook : Set.copyOf(hooks.keySet())) {
            if (!others.contains(hook)) {
                hooks.remove(hook);
                late |= !ends(hook, name);
            }
        }
        SCREEN.freeze();
        List<String> lines = new ArrayList<>();
        for (String line : SCREEN.text().split("\n")) {
            String plain = Words.normal(line, cluster);
            if (!plain.isEmpty()) {
                lines.add(plain);
            }
        }
        if (late) {
            lines.add("did not end");
        } else {
            lines.add("exit " + (exitCode == null ? 0 : exitCode));
        }
        return lines;
    }

    /** The process' own, which java.lang keeps to itself (the option --add-opens lets us in). */
    @SuppressWarnings("unchecked")
    private static Map<Thread, Thread> hooks() throws ReflectiveOperationException {
        Field field = Class.forName("java.lang.ApplicationShutdownHooks").getDeclaredField("hooks");
        field.setAccessible(true);
        return (Map<Thread, Thread>) field.get(null);
    }

    private static boolean ends(Runnable work, String name) throws InterruptedException {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        thread.join(LIMIT_MS);
        if (thread.isAlive()) {
            thread.interrupt();
            thread.join(LIMIT_MS);
            return false;
        }
        return true;
    }

    private static void call(String type, List<String> arguments) {
        try {
            Class<?> tool = Class.forName(type);
            forget(tool);
            tool.getMethod("main", String[].class).invoke(null, (Object) arguments.toArray(new String[0]));
        } catch (InvocationTargetException error) {
            if (!(error.getCause() instanceof Ended)) {
                System.err.println(error.getCause());
                exitCode = exitCode == null ? 1 : exitCode;
            }
        } catch (ReflectiveOperationException error) {
            throw new IllegalStateException(type, error);
        }
    }

    /** The console consumer counts what it has read in a static variable, for it expects to run once. */
    private static void forget(Class<?> tool) throws ReflectiveOperationException {
        for (Field field : tool.getDeclaredFields()) {
            if (field.getName().equals("messageCount") && field.getType() == int.class) {
                field.setAccessible(true);
                field.setInt(null, 0);
            }
        }
    }

    private ToolSession() {}
}
