namespace Laurel.Membership.Verification;

/// <summary>The entries that one command wrote for a member.</summary>
internal sealed class PostingSpan(EntryRow first)
{
    public EntryRow Entry { get; } = first;

    public long First => Entry.Id;

    public long Last { get; set; } = first.Id;
}
