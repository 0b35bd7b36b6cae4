// @confluentinc/kafka-javascript's KafkaJS interface, by KafkaJS itself: its
// configuration is one level deeper, and subscribing says less.
const { randomUUID } = require("node:crypto");
const kafkajs = require("kafkajs");

class Kafka {
  constructor() {
    this.kafka = new kafkajs.Kafka({
      brokers: [process.env.PUMPHOUSE_KAFKA],
      logLevel: kafkajs.logLevel.NOTHING,
    });
  }

  producer({ kafkaJS: { allowAutoTopicCreation, acks, compression } }) {
    const producer = this.kafka.producer({
      allowAutoTopicCreation,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    });
    const send = producer.send.bind(producer);
    return { ...producer, send: (record) => send({ acks, compression, ...record }) };
  }

  consumer({ kafkaJS: { groupId, fromBeginning } }) {
    // KafkaJS wants one subscription in a group; the specs have several.
    const consumer = this.kafka.consumer({ groupId: `${groupId}-${randomUUID()}`, maxWaitTimeInMs: 200 });
    const subscribe = consumer.subscribe.bind(consumer);
    return { ...consumer, subscribe: (topic) => subscribe({ fromBeginning, ...topic }) };
  }
}

exports.KafkaJS = {
  Kafka,
  CompressionTypes: kafkajs.CompressionTypes,
  PartitionAssigners: kafkajs.PartitionAssigners,
};
