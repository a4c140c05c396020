using System.Text.Json.Nodes;
using Laurel.GraphQL.Binding;
using Laurel.Membership.Programmes;

namespace Laurel.Membership.Levels;

/// <summary>Which levels are asked for.</summary>
[GraphQLInput("MemberLevelFilterInput")]
internal sealed record LevelFilterInput
{
    public bool? IsActive { get; init; }

    public long? PointsRequiredMin { get; init; }

    public long? PointsRequiredMax { get; init; }

    public bool Holds(LevelNode level) =>
        (IsActive is null || level.IsActive == IsActive) && !(level.PointsRequired < PointsRequiredMin) && !(level.PointsRequired > PointsRequiredMax);
}

/// <summary>A level that is added.</summary>
[GraphQLInput("MemberLevelInput")]
internal sealed record LevelInput
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public string? NameEnglish { get; init; }

    public string? Description { get; init; }

    public required decimal DiscountRate { get; init; }

    public required long PointsRequired { get; init; }

    public required decimal PointsMultiplier { get; init; }

    public required decimal FreeShippingFrom { get; init; }

    public string? Icon { get; init; }

    public string? Color { get; init; }

    public required bool IsActive { get; init; }

    /// <summary>The level as a change of the one there is, or of none.</summary>
    public LevelUpdateInput AsChange() => new()
    {
        Name = Name,
        NameEnglish = NameEnglish ?? Name,
        Description = Description,
        DiscountRate = DiscountRate,
        PointsRequired = PointsRequired,
        PointsMultiplier = PointsMultiplier,
        FreeShippingFrom = FreeShippingFrom,
        Icon = Icon,
        Color = Color,
        IsActive = IsActive,
    };
}

/// <summary>What changes of a level.</summary>
[GraphQLInput("MemberLevelUpdateInput")]
internal sealed record LevelUpdateInput
{
    public Given<string?> Name { get; init; }

    public Given<string?> NameEnglish { get; init; }

    public Given<string?> Description { get; init; }

    public Given<decimal?> DiscountRate { get; init; }

    public Given<long?> PointsRequired { get; init; }

    public Given<decimal?> PointsMultiplier { get; init; }

    public Given<decimal?> FreeShippingFrom { get; init; }

    public Given<string?> Icon { get; init; }

    public Given<string?> Color { get; init; }

    public Given<bool?> IsActive { get; init; }

    /// <summary>Puts what is given into the body of <c>POST</c> and <c>PUT /api/levels</c>, which judge it.</summary>
    public void Write(JsonObject level, Currency currency)
    {
        Put(level, "nameChinese", Name);
        Put(level, "nameEnglish", NameEnglish);
        Put(level, "description", Description);
        Put(level, "icon", Icon);
        Put(level, "color", Color);
        Put(level, "discountBasisPoints", DiscountRate, 10_000);
        Put(level, "multiplierBasisPoints", PointsMultiplier, 10_000);
        Put(level, "freeShippingFrom", FreeShippingFrom, currency.MinorUnits);
        if (PointsRequired.TryGet(out var threshold))
        {
            level["threshold"] = threshold;
        }

        if (IsActive.TryGet(out var active))
        {
            level["active"] = active;
        }
    }

    private static void Put(JsonObject level, string name, Given<string?> given)
    {
        if (given.IsGiven)
        {
            level[name] = given.Value;
        }
    }

    // A figure with too many decimals is sent as it is: the operation says what is wrong with it.
    private static void Put(JsonObject level, string name, Given<decimal?> given, int units)
    {
        if (given.TryGet(out var rate))
        {
            var scaled = rate * units;
            level[name] = scaled is { } figure && figure == decimal.Truncate(figure) && Math.Abs(figure) < long.MaxValue
                ? JsonValue.Create((long)figure)
                : JsonValue.Create(scaled);
        }
    }
}
