using Laurel.Membership.Events;

namespace Laurel.Membership.Points;

/// <content>What becomes of a member's tags and groups.</content>
internal sealed partial class Posting
{
    /// <summary>Gives the member a tag, or takes it. The same again is nothing.</summary>
    public void SetTag(string code, bool given)
    {
        if (Book.Tags.Has(code) != given)
        {
            Book.Tags = given ? Book.Tags.With(code) : Book.Tags.Without(code);
            Raise(given ? MemberEvents.Tagged : MemberEvents.Untagged, new TagFact(Book.Identity.Id.Value, code));
        }
    }
}
