"""Takes every mail over SMTP on loopback and keeps it: mail_sink.py PORT FOLDER. Ends on SIGTERM.

Each becomes a file FOLDER/NNNN.eml, which begins with the envelope as X-Envelope lines.
"""

import asyncio
import itertools
import sys
from pathlib import Path


class Sink:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.numbers = itertools.count(len(list(folder.glob("*.eml"))) + 1)

    async def talk(self, reader, writer):
        def say(line):
            writer.write(line.encode() + b"\r\n")

        say("220 sink")
        envelope = []
        while line := await reader.readline():
            command = line.decode("latin-1").strip()
            verb = command[:4].upper()
            if verb == "DATA":
                say("354 go on")
                self.keep(envelope, await self.message(reader))
                envelope = []
            elif verb in ("MAIL", "RCPT"):
                envelope.append(command)
            if verb == "QUIT":
                say("221 bye")
                break
            say("250 ok")
            await writer.drain()
        writer.close()

    async def message(self, reader):
        lines = []
        while (line := await reader.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def keep(self, envelope, message):
        path = self.folder / f"{next(self.numbers):04}.eml"
        unfinished = path.with_suffix(".part")
        head = "".join(f"X-Envelope: {line}\r\n" for line in envelope)
        unfinished.write_bytes(head.encode("latin-1") + message)
        unfinished.rename(path)


async def main():
    port, folder = sys.argv[1:]
    server = await asyncio.start_server(Sink(Path(folder)).talk, "127.0.0.1", int(port))
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
