using Laurel.Kernel;

namespace Laurel.Engine.Sql;

/// <summary>The current row of a result. Valid only inside the callback it is given to.</summary>
public abstract class SqlRow
{
    public abstract bool IsNull(int column);

    public abstract long Int64(int column);

    public abstract string Text(int column);

    public abstract byte[] Bytes(int column);

    public int Int32(int column) => (int)Int64(column);

    public bool Flag(int column) => Int64(column) != 0;

    public Instant Instant(int column) => new(Int64(column));

    public string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    public Instant? InstantOrNull(int column) => IsNull(column) ? null : Instant(column);

    public long? Int64OrNull(int column) => IsNull(column) ? null : Int64(column);

    public byte[]? BytesOrNull(int column) => IsNull(column) ? null : Bytes(column);

    public Hash128 Hash(int column) => Hash128.FromBytes(Bytes(column));
}
