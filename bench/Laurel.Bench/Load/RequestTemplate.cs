using System.Text;

namespace Laurel.Bench.Load;

/// <summary>The bytes of one kind of request; only the member and the digits of the reference change.</summary>
/// <remarks>A POST keeps its length, whatever the member's: the room of a shorter id is filled with spaces after its
/// closing quote, which JSON allows (RFC 8259 §2), so Content-Length never changes. Not thread-safe: one to a
/// connection.</remarks>
internal sealed class RequestTemplate
{
    /// <summary>Where the number of a request stands.</summary>
    public const string SequenceMark = "0000000000";

    private const int SequenceDigits = 10;

    private readonly byte[] _bytes;
    private readonly byte[] _afterMember;
    private readonly int _memberAt;
    private readonly int _memberWidth;
    private readonly int[] _sequenceEnds;
    private bool _isPath;

    private RequestTemplate(string beforeMember, string afterMember, int memberWidth, int[] sequenceEnds)
    {
        _memberAt = beforeMember.Length;
        _memberWidth = memberWidth;
        _afterMember = Encoding.ASCII.GetBytes(afterMember);
        _bytes = new byte[_memberAt + memberWidth + _afterMember.Length];
        Encoding.ASCII.GetBytes(beforeMember, _bytes);
        _afterMember.CopyTo(_bytes, _memberAt + memberWidth);
        _sequenceEnds = sequenceEnds;
        Length = _bytes.Length;
    }

    /// <summary>Bytes of the request last filled.</summary>
    public int Length { get; private set; }

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    /// <summary>Writes points: <c>{"memberId","points","reason","referenceType","referenceId"}</c>.</summary>
    /// <param name="target">Where the request goes and who sends it.</param>
    /// <param name="path">The path of the endpoint.</param>
    /// <param name="points">Whole points of every request.</param>
    /// <param name="memberWidth">Bytes of the longest member id.</param>
    /// <param name="referencePrefix">Makes the references of this connection different from every other's.</param>
    public static RequestTemplate Post(
        LoadTarget target, string path, int points, int memberWidth, string referencePrefix) => Post(
            target,
            path,
            "{\"memberId\":\"",
            $",\"points\":{points},\"reason\":\"bench\",\"referenceType\":\"bench\",\"referenceId\":\"{referencePrefix}-{SequenceMark}\"}}",
            memberWidth);

    /// <summary>Posts a body.</summary>
    /// <param name="target">Where the request goes and who sends it.</param>
    /// <param name="path">The path of the endpoint.</param>
    /// <param name="beforeMember">Of the body; ends with the opening quote of the member's id.</param>
    /// <param name="afterMember">Of the body; <see cref="SequenceMark"/> stands for the number of the request, as often as it likes.</param>
    /// <param name="memberWidth">Bytes of the longest member id.</param>
    public static RequestTemplate Post(LoadTarget target, string path, string beforeMember, string afterMember, int memberWidth)
    {
        // The closing quote of the id moves with it, so it belongs to the width.
        var width = memberWidth + 1;
        var head = $"POST {path} HTTP/1.1\r\nHost: {target.Authority}\r\nAuthorization: Bearer {target.ApiKey}\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {beforeMember.Length + width + afterMember.Length}\r\n\r\n";
        var start = head.Length + beforeMember.Length + width;
        var ends = new List<int>();
        for (var at = afterMember.IndexOf(SequenceMark, StringComparison.Ordinal); at >= 0; at = afterMember.IndexOf(SequenceMark, at + 1, StringComparison.Ordinal))
        {
            ends.Add(start + at + SequenceDigits);
        }

        return new RequestTemplate(head + beforeMember, afterMember, width, [.. ends]);
    }

    /// <summary>Reads a member: <c>GET {path}{id}</c>.</summary>
    public static RequestTemplate Get(LoadTarget target, string path, int memberWidth) =>
        new(
            $"GET {path}",
            $" HTTP/1.1\r\nHost: {target.Authority}\r\nAuthorization: Bearer {target.ApiKey}\r\n\r\n",
            memberWidth,
            [])
        { _isPath = true };

    /// <summary>Makes the request the next one, for this member.</summary>
    public void Fill(ReadOnlySpan<byte> member)
    {
        member.CopyTo(_bytes.AsSpan(_memberAt));
        var afterMember = _memberAt + member.Length;
        if (_isPath)
        {
            // A path cannot be padded: the rest of the head follows the id wherever that ends.
            _afterMember.CopyTo(_bytes, afterMember);
            Length = afterMember + _afterMember.Length;
            return;
        }

        _bytes[afterMember] = (byte)'"';
        _bytes.AsSpan(afterMember + 1, _memberWidth - member.Length - 1).Fill((byte)' ');
        foreach (var end in _sequenceEnds)
        {
            CountUp(end);
        }
    }

    private void CountUp(int end)
    {
        for (var at = end - 1; at >= end - SequenceDigits; at--)
        {
            if (_bytes[at] != (byte)'9')
            {
                _bytes[at]++;
                return;
            }

            _bytes[at] = (byte)'0';
        }
    }
}
