import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A step's words, and a printed line without what no two clusters have in common. */
final class Words {
    private static final Pattern WORD = Pattern.compile("'([^']*)'|\"((?:[^\"\\\\]|\\\\.)*)\"|(\\S+)");
    private static final Pattern UUID =
            Pattern.compile("\\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\b");
    /** Kafka's own form of a UUID: 16 bytes in URL-safe base 64. */
    private static final Pattern SHORT_UUID =
            Pattern.compile("(?<![\\w.-])(?=[\\w-]*[a-z])(?=[\\w-]*[A-Z])[\\w-]{22}(?![\\w-]|\\.\\w)");
    private static final Pattern EPOCH_MS = Pattern.compile("(?<![\\d.])1[5-9]\\d{11}(?!\\d)");
    private static final Pattern ISO_TIME = Pattern.compile("\\d{4}-\\d\\d-\\d\\d[T ]\\d\\d:\\d\\d:\\d\\d([.,]\\d+)?Z?");
    /** Names that clients make up, and the number of a client within its process. */
    private static final Pattern NUMBERED =
            Pattern.compile("\\b(console-consumer|adminclient|consumer-[\\w.]+|producer|console-share-consumer|test-group)-\\d+\\b");
    private static final Pattern SPEED = Pattern.compile("\"avg_throughput\":[\\d.E-]+");
    /** How long a transaction has been going on, in ms, after when it began. */
    private static final Pattern DURATION = Pattern.compile("(?<= MS )\\d+\\b");
    private static final Pattern AGE = Pattern.compile("\\b\\d+ ms ago");
    /** A batch's check covers when it was written. */
    private static final Pattern CRC = Pattern.compile("\\bcrc: \\d+");
    /** Where the log of metadata was when the features were as they are. */
    private static final Pattern FEATURES_EPOCH = Pattern.compile("(FinalizedVersionLevel: \\S+) Epoch: \\d+");
    private static final Pattern OBJECT = Pattern.compile("@[0-9a-f]{5,8}\\b");
    private static final Pattern PATH = Pattern.compile("/tmp/[^\\s\",:\\])]+");

    /** Splits as a shell would; $DIR is the cluster's folder, $LOGS its logs and $AT its address. */
    static List<String> split(String step, LiveClients cluster) {
        List<String> words = new ArrayList<>();
        Matcher matcher = WORD.matcher(step);
        while (matcher.find()) {
            String word = matcher.group(1);
            if (word == null) {
                word = matcher.group(2) == null ? matcher.group(3) : matcher.group(2).translateEscapes();
            }
            words.add(word.replace("$DIR", cluster.folder().toString())
                    .replace("$LOGS", cluster.logs())
                    .replace("$AT", cluster.bootstrap()));
        }
        return words;
    }

    static String normal(String line, LiveClients cluster) {
        String text = line.strip();
        if (text.startsWith("at ") && text.endsWith(")") || text.matches("\\.\\.\\. \\d+ more")) {
            return "";
        }
        String port = cluster.bootstrap().substring(cluster.bootstrap().indexOf(':') + 1);
        text = text.replaceAll("(localhost|127\\.0\\.0\\.1)(/127\\.0\\.0\\.1)?:" + port + "\\b", "HOST:PORT");
        text = text.replaceAll("/?127\\.0\\.0\\.1\\b", "HOST").replaceAll("\\b" + port + "\\b", "PORT");
        text = PATH.matcher(text).replaceAll("PATH");
        text = UUID.matcher(text).replaceAll("ID");
        text = SHORT_UUID.matcher(text).replaceAll("ID");
        text = ISO_TIME.matcher(text).replaceAll("TIME");
        text = NUMBERED.matcher(text).replaceAll("$1-N");
        text = EPOCH_MS.matcher(text).replaceAll("MS");
        text = SPEED.matcher(text).replaceAll("\"avg_throughput\":N");
        text = OBJECT.matcher(text).replaceAll("@N");
        text = text.replaceAll("\\s+", " ");
        text = FEATURES_EPOCH.matcher(text).replaceAll("$1 Epoch: N");
        text = CRC.matcher(text).replaceAll("crc: N");
        text = AGE.matcher(text).replaceAll("MS ago");
        return DURATION.matcher(text).replaceAll("N");
    }

    private Words() {}
}
