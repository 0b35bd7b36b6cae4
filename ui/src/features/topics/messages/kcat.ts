interface Place {
  bootstrap: string;
  topic: string;
  partition: number;
  offset: number;
}

/** The same message by kcat, for a terminal. */
export const kcatCommand = ({ bootstrap, topic, partition, offset }: Place): string =>
  `kcat -b ${bootstrap} -C -t ${topic} -p ${partition} -o ${offset} -c 1 -e -f '%k\\n%s\\n'`;
