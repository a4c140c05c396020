namespace Laurel.Server.Backups;

/// <summary>How far a backup or a restore is.</summary>
/// <param name="Step">What is being done, for a person.</param>
/// <param name="Total">0 while it is not known.</param>
internal sealed record BackupProgress(string Step, long Done, long Total);

/// <summary>A stream to read from that tells how far it was read.</summary>
internal sealed class CountingStream(Stream inner, string step, IProgress<BackupProgress> progress) : Stream
{
    private long _read;

    public override bool CanRead => true;

    public override bool CanSeek => inner.CanSeek;

    public override bool CanWrite => false;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => inner.Position = value;
    }

    public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Count(await inner.ReadAsync(buffer, cancellationToken));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private int Count(int bytes)
    {
        _read += bytes;
        progress.Report(new BackupProgress(step, _read, inner.Length));
        return bytes;
    }
}
