"""The model server's answer, recorded while it comes."""

from collections.abc import AsyncIterator, Mapping

from addons.bridge.record import Record
from addons.bridge.upstream import Clock, NoAnswer, Upstream
from traces.dialects.encodings import DecodeError, Decoder
from traces.stream_reader import LARGEST_BODY


class RecordedAnswer:
    """An answer, and the record of it. As a context it is asked for, and left: a good server then stops its work."""

    def __init__(self, record: Record, connection: Upstream, clock: Clock) -> None:
        self._record = record
        self._connection = connection
        self._clock = clock
        self._whole: bytes | None = None
        self.status = 0
        self.headers: Mapping[str, str] = {}

    async def __aenter__(self) -> "RecordedAnswer":
        record, connection = self._record, self._connection
        try:
            await connection.send(record.url, record.headers, record.body)
        except NoAnswer as error:
            self._fail(error)
            raise
        finally:
            record.sent = connection.sent
        record.begin(connection)
        self.status, self.headers = connection.status, connection.headers
        return self

    async def __aexit__(self, *_: object) -> None:
        self._connection.close()

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield the pieces of the body as they come; one where it was read before. Raises NoAnswer."""
        if self._whole is not None:
            yield self._whole
            return
        try:
            async for at, data in self._connection.chunks():
                self._record.add(at, data)
                yield data
        except NoAnswer as error:
            self._fail(error)
            raise
        self._record.ended = self._clock()

    async def decoded(self) -> AsyncIterator[bytes]:
        """Yield the pieces of the body without their content encoding: some servers compress unasked.

        An encoding that is unknown here is left as it is. Raises NoAnswer.
        """
        try:
            decoder = Decoder(self.headers.get("content-encoding"), LARGEST_BODY)
        except DecodeError:
            decoder = Decoder(None, LARGEST_BODY)
        try:
            async for data in self.chunks():
                for piece in [data] if decoder.is_plain else decoder.pieces(data):
                    yield piece
                if decoder.is_cut:
                    raise NoAnswer("malformed", f"The answer decodes to more than {LARGEST_BODY} bytes.")
        except DecodeError as error:
            raise NoAnswer("malformed", f"The answer can't be decoded: {error}.") from error

    async def read(self) -> bytes:
        """Return the whole body, decoded. Raises NoAnswer."""
        if self._whole is None:
            self._whole = b"".join([data async for data in self.chunks()])
        return b"".join([piece async for piece in self.decoded()])

    def _fail(self, error: NoAnswer) -> None:
        self._record.fail(error.kind, str(error))
        self._record.ended = self._clock()
