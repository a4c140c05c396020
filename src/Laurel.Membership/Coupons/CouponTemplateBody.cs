using System.Collections.Immutable;
using Laurel.Membership.Programmes;
using Laurel.Membership.Rules;
using Laurel.Platform.Http;

namespace Laurel.Membership.Coupons;

/// <summary>A change of a template as it was asked for.</summary>
internal sealed record CouponTemplateChange(CouponTemplate Template, string? Reason)
{
    public static CouponTemplateChange Read(JsonFields fields)
    {
        var change = new CouponTemplateChange(CouponTemplateBody.Read(fields), fields.TextOrNull("reason", PartSwitch.ReasonLengthMax));
        fields.RefuseUnknown();
        return change;
    }
}

/// <summary>Reads templates as callers send them. What they mean is judged by <see cref="CouponMistakes"/>.</summary>
internal static class CouponTemplateBody
{
    private const int NameLengthMax = 100;

    private const int DescriptionLengthMax = 1_000;

    public const int CodeLengthMax = 64;

    private const int SkuLengthMax = 128;

    public static CouponTemplate Read(JsonFields fields) => new()
    {
        Code = fields.Identifier("code", CodeLengthMax),
        NameEnglish = fields.Text("nameEnglish", NameLengthMax),
        NameChinese = fields.Text("nameChinese", NameLengthMax),
        Description = fields.TextOrNull("description", DescriptionLengthMax),
        Active = fields.Flag("active", byDefault: true),
        Terms = fields.Object("terms") is { } terms ? ReadTerms(terms) : new CouponTerms { Kind = CouponKind.AmountOff },
        Stock = fields.IntegerOrNull("stock", 0, CouponMistakes.StockMax),
        PerMember = fields.IntegerOrNull("perMember", 1, CouponMistakes.StockMax),
        Claimable = fields.Flag("claimable", byDefault: true),
        Members = fields.ObjectOrNull("members") is { } members ? ReadMembers(members) : new CouponMembers(),
        Claim = fields.ObjectOrNull("claim") is { } claim ? ReadWindow(claim) : null,
        Validity = fields.Object("validity") is { } validity ? ReadValidity(validity) : new CouponValidity(),
    };

    private static CouponTerms ReadTerms(JsonFields fields)
    {
        var terms = new CouponTerms
        {
            Kind = RuleBody.Choice<CouponKind>(fields, "kind"),
            Threshold = fields.IntegerOrNull("threshold", 0, RuleMistakes.AmountMax) ?? 0,
            Amount = fields.IntegerOrNull("amount", 1, RuleMistakes.AmountMax),
            PercentBasisPoints = (int?)fields.IntegerOrNull("percentBasisPoints", 1, 10_000),
            AmountMax = fields.IntegerOrNull("amountMax", 1, RuleMistakes.AmountMax),
            Scope = fields.ObjectOrNull("scope") is { } scope ? ReadScope(scope) : new CouponScope(),
            Stackable = fields.Flag("stackable", byDefault: false),
            Group = fields.IdentifierOrNull("group", CodeLengthMax),
            Transferable = fields.Flag("transferable", byDefault: false),
            ReturnOnRefund = fields.Flag("returnOnRefund", byDefault: true),
        };
        fields.RefuseUnknown();
        return terms;
    }

    private static CouponScope ReadScope(JsonFields fields)
    {
        var scope = new CouponScope
        {
            Categories = ReadNames(fields, "categories"),
            Skus = ReadNames(fields, "skus"),
            ExcludedCategories = ReadNames(fields, "excludedCategories"),
            ExcludedSkus = ReadNames(fields, "excludedSkus"),
        };
        fields.RefuseUnknown();
        return scope;
    }

    private static CouponMembers ReadMembers(JsonFields fields)
    {
        var members = new CouponMembers
        {
            NewWithinDays = (int?)fields.IntegerOrNull("newWithinDays", 0, int.MaxValue),
            Levels = ReadNames(fields, "levels"),
        };
        fields.RefuseUnknown();
        return members;
    }

    private static CouponWindow ReadWindow(JsonFields fields)
    {
        var window = new CouponWindow { From = fields.TimeOrNull("from")?.ToDateTimeOffset(), Until = fields.TimeOrNull("until")?.ToDateTimeOffset() };
        fields.RefuseUnknown();
        return window;
    }

    private static CouponValidity ReadValidity(JsonFields fields)
    {
        var validity = new CouponValidity
        {
            From = fields.TimeOrNull("from")?.ToDateTimeOffset(),
            Until = fields.TimeOrNull("until")?.ToDateTimeOffset(),
            Days = (int?)fields.IntegerOrNull("days", 0, int.MaxValue),
            DelayDays = (int)(fields.IntegerOrNull("delayDays", 0, int.MaxValue) ?? 0),
        };
        fields.RefuseUnknown();
        return validity;
    }

    private static ImmutableArray<string> ReadNames(JsonFields fields, string name) =>
        [.. fields.TextsOrNull(name, CouponMistakes.NamesMax, SkuLengthMax) ?? []];
}
