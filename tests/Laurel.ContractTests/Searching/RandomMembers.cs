using System.Globalization;
using System.Text;
using Laurel.ContractTests.Balance;
using Laurel.ContractTests.Profiles;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Profiles;
using Laurel.Membership.Search;
using Laurel.Membership.Statuses;
using Shouldly;

namespace Laurel.ContractTests.Searching;

/// <summary>Random members, random questions, and a model that looks at every member for each of them.</summary>
internal static class RandomMembers
{
    private const int Members = 60;

    private const int Questions = 150;

    private static readonly string[] s_tags = ["red", "blue", "green"];

    private static readonly string[] s_sorts = ["id", "registered", "-registered", "spend", "-spend", "points", "-points", "growth", "-growth"];

    private sealed record Known(MemberReply Reply, string? RealName, string? Phone);

    public static async Task WriteAsync(MoneyDatabase desk, Random random, string[] surnames, string[] givenNames)
    {
        foreach (var tag in s_tags)
        {
            await desk.AppliedAsync(SearchDesk.Define(tag));
        }

        for (var i = 0; i < Members; i++)
        {
            desk.Advance(TimeSpan.FromSeconds(random.Next(3)));
            var member = await desk.NewMemberAsync("random " + i.ToString(CultureInfo.InvariantCulture), 0);
            await desk.AppliedAsync(desk.Change(member, new ProfileChange
            {
                Nickname = random.Next(4) == 0 ? null : Pick(random, surnames) + Pick(random, givenNames) + Pick(random, givenNames),
                RealName = random.Next(2) == 0 ? null : Pick(random, surnames) + Pick(random, givenNames),
                Phone = random.Next(3) == 0 ? null : "1380013800" + random.Next(10).ToString(CultureInfo.InvariantCulture),
                ByStaff = true,
            }));
            foreach (var tag in s_tags.Where(_ => random.Next(2) == 0))
            {
                await desk.AppliedAsync(desk.Tagged(member, tag));
            }

            if (random.Next(2) == 0)
            {
                await desk.OrderAsync(member, "random " + i.ToString(CultureInfo.InvariantCulture), random.Next(1, 4) * 100_000);
            }

            if (random.Next(5) == 0)
            {
                await desk.AppliedAsync(new SetStatus(MoneyDesk.Tenant, MemberReference.ById(member), MemberStatus.Frozen, new StatusCause("test", "olga"), desk.Books));
            }
        }
    }

    public static async Task CompareAsync(MoneyDatabase desk, Random random, string[] surnames, string[] givenNames, int seed)
    {
        var all = new List<Known>();
        foreach (var id in await desk.FindAsync(new MemberFilter()))
        {
            all.Add(await KnownAsync(desk, new MemberId(id)));
        }

        all.Count.ShouldBe(Members);
        for (var i = 0; i < Questions; i++)
        {
            var filter = FilterOf(random, all, surnames, givenNames);
            var found = await desk.FindAsync(filter, limit: random.Next(1, 9));
            var expected = all.Where(one => Holds(filter, one)).ToList();
            found.Order().ShouldBe(expected.Select(IdOf).Order(), $"seed {seed}, {filter}");
            var sorted = found.Select(id => ValueOf(filter, all.Single(one => IdOf(one) == id))).ToList();
            sorted.ShouldBe(filter.Sort?[0] == '-' ? sorted.OrderDescending().ToList() : sorted.Order().ToList(), $"seed {seed}, {filter}");
        }
    }

    private static async Task<Known> KnownAsync(MoneyDatabase desk, MemberId member)
    {
        var reply = await desk.ReadAsync(member, forOwner: false);
        var export = await new MemberExports(new(desk.Node.Vault), new(desk.Node.Vault), desk.Node.Vault)
            .OfAsync(desk.Database, MoneyDesk.Tenant, member, reply, Xunit.TestContext.Current.CancellationToken);
        return new Known(reply, export.RealName, export.Phone);
    }

    private static MemberFilter FilterOf(Random random, List<Known> all, string[] surnames, string[] givenNames)
    {
        bool Sometimes() => random.Next(4) == 0;
        var some = all[random.Next(all.Count)].Reply;
        // Names of up to two characters: nothing is left to be looked at behind the index.
        var name = Pick(random, surnames).Trim();
        name = random.Next(3) switch
        {
            0 => new StringBuilder().Append(name.EnumerateRunes().Last()).Append(Pick(random, givenNames).EnumerateRunes().First()).ToString(),
            1 => name.EnumerateRunes().First().ToString(),
            _ => new StringBuilder().AppendJoin("", Pick(random, givenNames).EnumerateRunes().Take(2)).ToString(),
        };
        return new MemberFilter
        {
            Name = Sometimes() ? name : null,
            Phone = Sometimes() ? random.Next(2) == 0 ? "8002" : "13800138003" : null,
            Code = random.Next(20) == 0 ? some.MemberCode : null,
            Tags = [.. s_tags.Where(_ => Sometimes())],
            Level = Sometimes() ? some.Level.Code : null,
            Status = Sometimes() ? random.Next(2) == 0 ? "frozen" : "active" : null,
            SpendMin = Sometimes() ? random.Next(5) * 100_000 : null,
            SpendMax = Sometimes() ? random.Next(5) * 100_000 : null,
            GrowthMin = Sometimes() ? some.Growth : null,
            PointsMax = Sometimes() ? some.Points.Available : null,
            RegisteredFrom = Sometimes() ? some.RegisteredAt : null,
            RegisteredTo = Sometimes() ? some.RegisteredAt : null,
            Sort = Sometimes() ? null : Pick(random, s_sorts),
        };
    }

    private static bool Holds(MemberFilter filter, Known one)
    {
        var member = one.Reply;
        return (filter.Name is null || IsNamed(filter.Name, one))
            && (filter.Phone is null || (one.Phone is { } phone
                && (phone == filter.Phone || (filter.Phone.Length == 4 && phone.EndsWith(filter.Phone, StringComparison.Ordinal)))))
            && (filter.Code is null || member.MemberCode == filter.Code)
            && filter.Tags.All(tag => member.Tags?.Contains(tag) ?? false)
            && (filter.Level is null || member.Level.Code == filter.Level)
            && (filter.Status is null || member.Status == filter.Status)
            && member.TotalAmount >= (filter.SpendMin ?? 0) && member.TotalAmount <= (filter.SpendMax ?? long.MaxValue)
            && member.Growth >= (filter.GrowthMin ?? 0)
            && member.Points.Available <= (filter.PointsMax ?? long.MaxValue)
            && member.RegisteredAt >= (filter.RegisteredFrom ?? DateTimeOffset.MinValue) && member.RegisteredAt < (filter.RegisteredTo ?? DateTimeOffset.MaxValue);
    }

    private static bool IsNamed(string name, Known one)
    {
        static string Plain(string? text) => (text ?? "").Normalize(NormalizationForm.FormKC).ToLowerInvariant().Replace(" ", "", StringComparison.Ordinal);
        var wanted = Plain(name);
        return wanted.EnumerateRunes().Count() == 1
            ? Plain(one.Reply.Nickname).StartsWith(wanted, StringComparison.Ordinal)
            : Plain(one.Reply.Nickname).Contains(wanted, StringComparison.Ordinal) || Plain(one.RealName).Contains(wanted, StringComparison.Ordinal);
    }

    private static long ValueOf(MemberFilter filter, Known one) => (filter.Sort?.TrimStart('-')) switch
    {
        "registered" => Instant.From(one.Reply.RegisteredAt).UnixMicroseconds,
        "spend" => one.Reply.TotalAmount,
        "points" => one.Reply.Points.Available,
        "growth" => one.Reply.Growth,
        _ => IdOf(one),
    };

    private static long IdOf(Known one) => long.Parse(one.Reply.Id, CultureInfo.InvariantCulture);

    private static string Pick(Random random, string[] all) => all[random.Next(all.Length)];
}
