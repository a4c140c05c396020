namespace Laurel.Membership.Search;

/// <summary>The tags and groups of a member, by their codes in ascending order.</summary>
public sealed class MemberTags
{
    /// <summary>Tags and groups of a member at the most.</summary>
    public const int Max = 50;

    public static readonly MemberTags None = new([]);

    private MemberTags(string[] all) => All = all;

    public IReadOnlyList<string> All { get; }

    public bool Has(string code) => All.Contains(code);

    public MemberTags With(string code) => Has(code) ? this : new MemberTags([.. All.Append(code).Order(StringComparer.Ordinal)]);

    public MemberTags Without(string code) => Has(code) ? new MemberTags([.. All.Where(one => one != code)]) : this;

    /// <summary>As it is stored; null for none.</summary>
    public string? ToText() => All.Count == 0 ? null : string.Join(' ', All);

    public static MemberTags Parse(string? text) => text is null ? None : new MemberTags(text.Split(' '));
}
