using System.Text;

namespace Laurel.Bench.Load;

/// <summary>The bytes of one kind of request; only the member and the digits of the reference change.</summary>
/// <remarks>A POST keeps its length, whatever the member's: the room of a shorter id is filled with spaces after its
/// closing quote, which JSON allows (RFC 8259 §2), so Content-Length never changes. Not thread-safe: one to a
/// connection.</remarks>
internal sealed class RequestTemplate
{
    private const int SequenceDigits = 10;

    private readonly byte[] _bytes;
    private readonly byte[] _afterMember;
    private readonly int _memberAt;
    private readonly int _memberWidth;
    private readonly int _sequenceEnd;

    private RequestTemplate(string beforeMember, string afterMember, int memberWidth, int sequenceEnd)
    {
        _memberAt = beforeMember.Length;
        _memberWidth = memberWidth;
        _afterMember = Encoding.ASCII.GetBytes(afterMember);
        _bytes = new byte[_memberAt + memberWidth + _afterMember.Length];
        Encoding.ASCII.GetBytes(beforeMember, _bytes);
        _afterMember.CopyTo(_bytes, _memberAt + memberWidth);
        _sequenceEnd = sequenceEnd;
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
        LoadTarget target, string path, int points, int memberWidth, string referencePrefix)
    {
        const string bodyStart = "{\"memberId\":\"";
        var digits = new string('0', SequenceDigits);
        var bodyEnd = $",\"points\":{points},\"reason\":\"bench\",\"referenceType\":\"bench\","
            + $"\"referenceId\":\"{referencePrefix}-{digits}\"}}";

        // The closing quote of the id moves with it, so it belongs to the width.
        var width = memberWidth + 1;
        var contentLength = bodyStart.Length + width + bodyEnd.Length;
        var head = $"POST {path} HTTP/1.1\r\nHost: {target.Authority}\r\nAuthorization: Bearer {target.ApiKey}\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {contentLength}\r\n\r\n";
        var sequenceEnd = head.Length + contentLength - "\"}".Length;
        return new RequestTemplate(head + bodyStart, bodyEnd, width, sequenceEnd);
    }

    /// <summary>Reads a member: <c>GET {path}{id}</c>.</summary>
    public static RequestTemplate Get(LoadTarget target, string path, int memberWidth) =>
        new(
            $"GET {path}",
            $" HTTP/1.1\r\nHost: {target.Authority}\r\nAuthorization: Bearer {target.ApiKey}\r\n\r\n",
            memberWidth,
            sequenceEnd: 0);

    /// <summary>Makes the request the next one, for this member.</summary>
    public void Fill(ReadOnlySpan<byte> member)
    {
        member.CopyTo(_bytes.AsSpan(_memberAt));
        var afterMember = _memberAt + member.Length;
        if (_sequenceEnd == 0)
        {
            // A path cannot be padded: the rest of the head follows the id wherever that ends.
            _afterMember.CopyTo(_bytes, afterMember);
            Length = afterMember + _afterMember.Length;
            return;
        }

        _bytes[afterMember] = (byte)'"';
        _bytes.AsSpan(afterMember + 1, _memberWidth - member.Length - 1).Fill((byte)' ');
        CountUp();
    }

    private void CountUp()
    {
        for (var at = _sequenceEnd - 1; at >= _sequenceEnd - SequenceDigits; at--)
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
