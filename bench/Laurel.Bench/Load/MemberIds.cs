using System.Text;

namespace Laurel.Bench.Load;

/// <summary>The ids of the registered members, as the bytes that go into requests.</summary>
internal sealed class MemberIds
{
    private readonly byte[] _bytes;
    private readonly int[] _starts;

    private MemberIds(byte[] bytes, int[] starts)
    {
        _bytes = bytes;
        _starts = starts;
        for (var index = 0; index < Count; index++)
        {
            WidthMax = Math.Max(WidthMax, this[index].Length);
        }
    }

    public int Count => _starts.Length - 1;

    /// <summary>Bytes of the longest id.</summary>
    public int WidthMax { get; }

    public ReadOnlySpan<byte> this[int index] => _bytes.AsSpan(_starts[index].._starts[index + 1]);

    /// <summary>Reads a file with one id to a line.</summary>
    public static MemberIds Read(string path)
    {
        var lines = File.ReadAllLines(path);
        if (lines.Length == 0)
        {
            throw new InvalidDataException($"{path} names no member.");
        }

        var starts = new int[lines.Length + 1];
        var bytes = new byte[lines.Sum(static line => line.Length)];
        for (var index = 0; index < lines.Length; index++)
        {
            starts[index + 1] = starts[index] + Encoding.ASCII.GetBytes(lines[index], bytes.AsSpan(starts[index]));
        }

        return new MemberIds(bytes, starts);
    }
}
