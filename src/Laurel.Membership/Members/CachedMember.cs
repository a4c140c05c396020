using Laurel.Membership.Programmes;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;

namespace Laurel.Membership.Members;

/// <summary>A member as it is remembered: the view, and the answers rendered from it so far. Thread-safe.</summary>
internal sealed class CachedMember(MemberView view)
{
    private Rendered? _english;
    private Rendered? _chinese;

    private sealed record Rendered(Programme Programme, byte[] Body);

    public MemberView View { get; } = view;

    /// <summary>The body of the answer: rendered once for each language, and again when the programme has changed.</summary>
    public byte[] BodyIn(Language language, Programme programme, MemberReader reader)
    {
        ref var rendered = ref language == Language.Chinese ? ref _chinese : ref _english;
        if (Volatile.Read(ref rendered) is { } known && ReferenceEquals(known.Programme, programme))
        {
            return known.Body;
        }

        var reply = reader.ReplyOf(View, programme).Named(programme, language);
        var body = JsonScratch.Render(reply, MembershipJson.Default.MemberReply);
        Volatile.Write(ref rendered, new Rendered(programme, body));
        return body;
    }
}
