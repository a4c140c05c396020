using Laurel.GraphQL.Binding;
using Laurel.Membership.Programmes;
using Laurel.Platform.Errors;

namespace Laurel.Membership.Levels;

/// <summary>A level as GraphQL shows one.</summary>
[GraphQLType("MemberLevel")]
public sealed class LevelNode
{
    private readonly Level _level;
    private readonly Programme _programme;
    private readonly Language _language;

    private LevelNode(Programme programme, int rank, Language language) =>
        (_programme, _level, SortOrder, _language) = (programme, programme.Levels[rank], rank, language);

    public string Id => _level.Code;

    public string Name => _level.NameIn(_language);

    public string? Description => _level.Description;

    public decimal DiscountRate => _level.DiscountBasisPoints / 10_000m;

    public long PointsRequired => _level.Threshold;

    public decimal PointsMultiplier => _level.MultiplierBasisPoints / 10_000m;

    public decimal FreeShippingFrom => Currency.Find(_programme.Currency)!.Major(_level.FreeShippingFrom);

    public string? Icon => _level.Icon;

    public string? Color => _level.Color;

    public int SortOrder { get; }

    public bool IsActive => _level.Active;

    internal static IEnumerable<LevelNode> AllOf(Programme programme, Language language) =>
        Enumerable.Range(0, programme.Levels.Length).Select(rank => new LevelNode(programme, rank, language));

    /// <summary>The level that a member holds.</summary>
    internal static LevelNode Of(Programme programme, string code, Language language) => new(programme, programme.Levels.IndexOf(programme.LevelOf(code)), language);

    /// <summary>Null where the programme has none of this code.</summary>
    internal static LevelNode? Find(Programme programme, string code, Language language) =>
        AllOf(programme, language).FirstOrDefault(level => level.Id == code);
}

/// <summary>A page of levels.</summary>
/// <param name="Total">How many there are in all.</param>
[GraphQLType("MemberLevelsResponse")]
internal sealed record MemberLevelsResponse(IReadOnlyList<LevelNode> Items, int Total, int Page, int PageSize);
