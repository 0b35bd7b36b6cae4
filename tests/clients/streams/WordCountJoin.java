import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;

/**
 * Counts words exactly once and joins every count with the word's kind; stopped and started again midway.
 *
 * <p>Arguments: bootstrap address, group protocol (classic or streams), folder for its state. Prints every
 * record of the output in the order of its word, as lines that begin with "output: ".
 */
public final class WordCountJoin {
    private static final String LINES = "lines";
    private static final String KINDS = "kinds";
    private static final String COUNTS = "counts";
    private static final String[] WORDS = {"apple", "beech", "carrot", "daisy", "elm", "fern", "grass"};
    private static final String[] TYPES = {"fruit", "tree", "root", "flower", "tree", "leaf", "leaf"};
    private static final int PARTITIONS = 3;
    private static final int LINE_COUNT = 200;
    private static final Duration LIMIT = Duration.ofSeconds(120);

    public static void main(String[] args) throws Exception {
        String bootstrap = args[0];
        String protocol = args[1];
        String prefix = protocol + "-";
        createTopics(bootstrap, prefix);
        long words = 0;
        words += produceLines(bootstrap, prefix, 0, LINE_COUNT / 2, true);
        Properties settings = settings(bootstrap, protocol, args[2]);
        KafkaStreams first = start(prefix, settings);
        read(bootstrap, prefix, words);
        if (!first.close(LIMIT)) {
            throw new IllegalStateException("the application did not stop");
        }
        words += produceLines(bootstrap, prefix, LINE_COUNT / 2, LINE_COUNT, false);
        KafkaStreams second = start(prefix, settings);
        Map<String, List<String>> output = read(bootstrap, prefix, words);
        second.close(LIMIT);
        output.forEach((word, values) -> System.out.println("output: " + word + " " + String.join(" ", values)));
    }

    private static Properties settings(String bootstrap, String protocol, String state) {
        Properties settings = new Properties();
        settings.put("application.id", protocol + "-word-count");
        settings.put("bootstrap.servers", bootstrap);
        settings.put("state.dir", Path.of(state).toString());
        settings.put("processing.guarantee", "exactly_once_v2");
        settings.put("group.protocol", protocol);
        settings.put("replication.factor", "1");
        settings.put("num.stream.threads", "2");
        settings.put("commit.interval.ms", "100");
        // Every count is put out, none is overtaken in a cache.
        settings.put("statestore.cache.max.bytes", "0");
        // A Streams application that stops stays a member until its session ends.
        if (protocol.equals("classic")) {
            settings.put("main.consumer.session.timeout.ms", "6000");
        }
        settings.put("default.key.serde", Serdes.StringSerde.class);
        settings.put("default.value.serde", Serdes.StringSerde.class);
        return settings;
    }

    private static KafkaStreams start(String prefix, Properties settings) {
        StreamsBuilder builder = new StreamsBuilder();
        KTable<String, String> kinds = builder.table(prefix + KINDS);
        builder.<String, String>stream(prefix + LINES)
                .flatMapValues(line -> List.of(line.split(" ")))
                .groupBy((key, word) -> word, Grouped.with(Serdes.String(), Serdes.String()))
                .count(Materialized.as("count"))
                .toStream()
                .join(kinds, (count, kind) -> kind + "=" + count, Joined.with(Serdes.String(), Serdes.Long(), Serdes.String()))
                .to(prefix + COUNTS, Produced.with(Serdes.String(), Serdes.String()));
        Topology topology = builder.build(settings);
        KafkaStreams streams = new KafkaStreams(topology, settings);
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            Runtime.getRuntime().halt(1);
            return null;
        });
        streams.start();
        return streams;
    }

    private static void createTopics(String bootstrap, String prefix) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", bootstrap);
        try (Admin admin = Admin.create(settings)) {
            List<NewTopic> topics = new ArrayList<>();
            for (String name : List.of(LINES, KINDS, COUNTS)) {
                topics.add(new NewTopic(prefix + name, PARTITIONS, (short) 1));
            }
            admin.createTopics(topics).all().get();
        }
    }

    /** Produces the lines from..to, with the kinds before them, and returns how many words they have. */
    private static long produceLines(String bootstrap, String prefix, int from, int to, boolean kinds) throws Exception {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("key.serializer", StringSerializer.class);
        settings.put("value.serializer", StringSerializer.class);
        long start = System.currentTimeMillis() - 60_000;
        long words = 0;
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings)) {
            for (int index = 0; kinds && index < WORDS.length; index++) {
                producer.send(new ProducerRecord<>(prefix + KINDS, null, start - 60_000, WORDS[index], TYPES[index])).get();
            }
            for (int line = from; line < to; line++) {
                StringBuilder text = new StringBuilder();
                for (int word = 0; word <= line % 5; word++) {
                    text.append(word == 0 ? "" : " ").append(WORDS[(line * 3 + word * word) % WORDS.length]);
                    words++;
                }
                producer.send(new ProducerRecord<>(prefix + LINES, null, start + line, "key" + line, text.toString()));
            }
            producer.flush();
        }
        return words;
    }

    /** Reads committed output from the beginning until there is a record for every word. */
    private static Map<String, List<String>> read(String bootstrap, String prefix, long wanted) {
        Properties settings = new Properties();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("key.deserializer", StringDeserializer.class);
        settings.put("value.deserializer", StringDeserializer.class);
        settings.put("isolation.level", "read_committed");
        settings.put("auto.offset.reset", "earliest");
        Map<String, List<String>> output = new TreeMap<>();
        long deadline = System.nanoTime() + LIMIT.toNanos();
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(settings)) {
            List<TopicPartition> partitions = new ArrayList<>();
            for (int partition = 0; partition < PARTITIONS; partition++) {
                partitions.add(new TopicPartition(prefix + COUNTS, partition));
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long seen = 0;
            while (seen < wanted) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException(seen + " of " + wanted + " records came: " + output);
                }
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                    output.computeIfAbsent(record.key(), key -> new ArrayList<>()).add(record.value());
                    seen++;
                }
            }
        }
        return output;
    }

    private WordCountJoin() {}
}
