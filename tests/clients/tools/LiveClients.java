import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;

/** Clients that stay while tools look at them: members of groups, transactions under way. */
final class LiveClients implements AutoCloseable {
    private static final long LIMIT_SECONDS = 60;

    private final String bootstrap;
    private final String logs;
    private final Path folder;
    private final Map<String, Live> running = new HashMap<>();
    private final Map<String, KafkaProducer<String, String>> producers = new HashMap<>();

    /** Something with a thread of its own; stopping returns when it has left its group. */
    private interface Live {
        void stop() throws Exception;
    }

    LiveClients(String bootstrap, String logs, Path folder) {
        this.bootstrap = bootstrap;
        this.logs = logs;
        this.folder = folder;
    }

    /** Where the broker keeps its logs. */
    String logs() {
        return logs;
    }

    String bootstrap() {
        return bootstrap;
    }

    Path folder() {
        return folder;
    }

    void run(String verb, List<String> args) {
        try {
            switch (verb) {
                case "consumer" -> running.put(args.get(0), consumer(args));
                case "share" -> running.put(args.get(0), share(args));
                case "streams" -> running.put(args.get(0), streams(args));
                case "stop" -> running.remove(args.get(0)).stop();
                case "begin" -> begin(args.get(0), args.get(1), args.get(2));
                case "commit" -> producers.get(args.get(0)).commitTransaction();
                case "abort" -> producers.get(args.get(0)).abortTransaction();
                case "compacted" -> compacted(args.get(0), args.get(1), Long.parseLong(args.get(2)));
                case "send" -> send(args);
                case "write" -> Files.writeString(folder.resolve(args.get(0)), args.get(1));
                default -> throw new IllegalArgumentException("no word @" + verb);
            }
        } catch (Exception error) {
            System.out.println("@" + verb + " failed: " + error);
        }
    }

    private Properties settings() {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("key.serializer", StringSerializer.class);
        settings.put("value.serializer", StringSerializer.class);
        settings.put("key.deserializer", StringDeserializer.class);
        settings.put("value.deserializer", StringDeserializer.class);
        return settings;
    }

    /** NAME GROUP TOPIC PROTOCOL, and the id of a static member: a member that has its partitions. */
    private Live consumer(List<String> args) throws Exception {
        Properties settings = settings();
        settings.put("group.id", args.get(1));
        settings.put("client.id", args.get(0));
        settings.put("group.protocol", args.get(3));
        settings.put("auto.offset.reset", "earliest");
        if (args.size() > 4) {
            settings.put("group.instance.id", args.get(4));
        }
        KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings);
        CountDownLatch assigned = new CountDownLatch(1);
        consumer.subscribe(List.of(args.get(2)), new ConsumerRebalanceListener() {
            @Override
            public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
                if (!partitions.isEmpty()) {
                    assigned.countDown();
                }
            }

            @Override
            public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}
        });
        return live(assigned, consumer::poll, consumer::wakeup, consumer::close);
    }

    /** NAME GROUP TOPIC: a member of a share group that has read a record. */
    private Live share(List<String> args) throws Exception {
        Properties settings = settings();
        settings.put("group.id", args.get(1));
        settings.put("client.id", args.get(0));
        KafkaShareConsumer<String, String> consumer = new KafkaShareConsumer<>(settings);
        consumer.subscribe(List.of(args.get(2)));
        CountDownLatch read = new CountDownLatch(1);
        return live(read, limit -> {
            if (!consumer.poll(limit).isEmpty()) {
                consumer.commitSync();
                read.countDown();
            }
        }, consumer::wakeup, consumer::close);
    }

    private interface Poll {
        void once(Duration limit);
    }

    private static Live live(CountDownLatch ready, Poll poll, Runnable wake, Runnable close) throws Exception {
        CountDownLatch stop = new CountDownLatch(1);
        Thread thread = new Thread(() -> {
            try {
                while (stop.getCount() > 0) {
                    poll.once(Duration.ofMillis(100));
                }
            } catch (org.apache.kafka.common.errors.WakeupException woken) {
                // The way out.
            } finally {
                close.run();
            }
        });
        thread.setDaemon(true);
        thread.start();
        if (!ready.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("it got nothing");
        }
        return () -> {
            stop.countDown();
            wake.run();
            thread.join();
        };
    }

    /** NAME INPUT OUTPUT: a Streams application of the streams protocol that runs. */
    private Live streams(List<String> args) throws Exception {
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream(args.get(1)).to(args.get(2));
        Properties settings = new Properties();
        settings.put("application.id", args.get(0));
        settings.put("client.id", args.get(0));
        settings.put("bootstrap.servers", bootstrap);
        settings.put("group.protocol", "streams");
        settings.put("commit.interval.ms", "100");
        settings.put("state.dir", folder.resolve("streams").toString());
        settings.put("default.key.serde", "org.apache.kafka.common.serialization.Serdes$StringSerde");
        settings.put("default.value.serde", "org.apache.kafka.common.serialization.Serdes$StringSerde");
        KafkaStreams streams = new KafkaStreams(builder.build(), settings);
        CountDownLatch runs = new CountDownLatch(1);
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.RUNNING) {
                runs.countDown();
            }
        });
        streams.start();
        if (!runs.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("it does not run");
        }
        CloseOptions leave = CloseOptions.groupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP);
        return () -> streams.close(leave);
    }

    /** TOPIC OFFSET: waits until partition 0 is compacted up to there; DIR is where the broker keeps its logs. */
    private void compacted(String dir, String topic, long offset) throws Exception {
        Path checkpoint = Path.of(dir, "cleaner-offset-checkpoint");
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (System.nanoTime() < deadline) {
            if (Files.exists(checkpoint)) {
                for (String line : Files.readAllLines(checkpoint)) {
                    String[] words = line.split(" ");
                    if (words.length == 3 && words[0].equals(topic) && Long.parseLong(words[2]) >= offset) {
                        return;
                    }
                }
            }
            Thread.sleep(50);
        }
        throw new IllegalStateException("not compacted up to " + offset);
    }

    /** A transaction with one record, [KEY=]VALUE, left open. */
    private void begin(String id, String topic, String value) throws Exception {
        KafkaProducer<String, String> producer = producers.get(id);
        if (producer == null) {
            Properties settings = settings();
            settings.put("transactional.id", id);
            producer = new KafkaProducer<>(settings);
            producer.initTransactions();
            producers.put(id, producer);
        }
        producer.beginTransaction();
        String[] pair = value.split("=", 2);
        producer.send(new ProducerRecord<>(topic, pair.length == 2 ? pair[0] : null, pair[pair.length - 1])).get();
    }

    /** TOPIC PARTITION TIMESTAMP [KEY=]VALUE…: plain records of one time, in batches of one; KEY= is a tombstone. */
    private void send(List<String> args) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings())) {
            Integer partition = Integer.valueOf(args.get(1));
            Long time = Long.valueOf(args.get(2));
            for (String value : args.subList(3, args.size())) {
                String[] pair = value.split("=", 2);
                String key = pair.length == 2 ? pair[0] : null;
                String text = key != null && pair[1].isEmpty() ? null : pair[pair.length - 1];
                producer.send(new ProducerRecord<>(args.get(0), partition, time, key, text)).get();
            }
        }
    }

    @Override
    public void close() {
        for (Live live : running.values()) {
            try {
                live.stop();
            } catch (Exception error) {
                System.out.println("a client did not stop: " + error);
            }
        }
        producers.values().forEach(producer -> producer.close(Duration.ZERO));
    }
}
