"""The servers and generators of the whole matrix, built once: a cell takes what it needs."""

import loads
import servers


class Fleet:
    """Builds what `chosen` needs of the servers `keys`, peers into `folder`. Who lacks a toolchain
    is left out."""

    def __init__(self, keys, args, chosen, folder):
        self.args = args
        self.folder = folder
        servers.say_building(keys)
        labels = [loads.SERVER_LABEL, loads.LOAD_LABEL]
        if servers.FLOOR in keys:
            labels.append(servers.FLOOR_LABEL)
        if any(cell.kind == "stream" for cell in chosen):
            labels += [loads.STREAM_SERVER_LABEL, loads.STREAM_LOAD_LABEL]
        servers.build(*labels)
        self.peers = {key: servers.build_peer(key, folder) for key in keys if key in servers.PEERS}
        self.keys = [key for key in keys if self.peers.get(key, key) is not None]

    def programs(self, cell):
        """Those that can do it, in order."""
        return [self.program(key, cell) for key in self.keys if cell.takes(key)]

    def program(self, key, cell):
        if key == servers.PENSTOCK:
            label = loads.STREAM_SERVER_LABEL if cell.kind == "stream" else loads.SERVER_LABEL
            program = servers.penstock(label, self.args, cell.shards)
        elif key == servers.FLOOR:
            program = servers.floor(cell.kind == "unary" and cell.payload_bytes is not None,
                                    cell.shards)
        else:
            program = servers.on_cores(self.peers[key], cell.shards)
        return servers.with_tls(program, self.folder) if cell.tls else program

    def cpus(self, cell, cores):
        """(the server's cores, the generator's, whether they share one) on a machine of `cores`."""
        own = list(range(self.args.server_cpu, self.args.server_cpu + cell.shards))
        load = self.args.load_cpu
        if cell.shards > 1 and load in own:
            load = min(max(own) + 1, cores - 1)
        return own, load, load in own
