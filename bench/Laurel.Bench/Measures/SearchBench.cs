using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Laurel.Bench.Servers;
using Laurel.Engine.Lanes;
using Laurel.Engine.Replicas;
using Laurel.Engine.Sql;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Programmes;
using Laurel.Membership.Search;
using Laurel.Platform.Vault;
using Laurel.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Settings = Laurel.Server.Hosting.LaurelSettings;

namespace Laurel.Bench.Measures;

/// <summary>How long it takes to find members: rows written as Laurel writes them, brought into the index by the job that does so after an upgrade, and asked
/// for in this process through what answers <c>GET /api/members</c>, each question with the members of its page.</summary>
/// <param name="databaseUrl">Of an empty PostgreSQL database; null is SQLite in a folder of its own.</param>
internal sealed class SearchBench(int members, string? databaseUrl, DirectoryInfo work, BenchProgress progress)
{
    private const int RowsOfWrite = 2_000;
    private const int AskedEach = 200;
    private const int PageSize = 20;
    private const long FirstId = 900_000_000_000_000_000;
    private const long RegisteredFirst = 1_700_000_000_000_000;

    private static readonly string[] s_surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗".EnumerateRunes().Select(rune => rune.ToString()).ToArray();
    private static readonly string[] s_givenNames = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉建文志红海".EnumerateRunes().Select(rune => rune.ToString()).ToArray();

    private readonly Random _random = new(1);

    private sealed record Row(
        MemberId Id, int Number, string Nickname, string? Tags, string Level, long Spend, byte[] WrappedKey, byte[] Phone, Hash128 PhoneIndex, byte[]? Profile);

    private static readonly SetStatement<Row> s_members = Statements.Insert("members",
        Column<Row>.Int32("tenant_id", _ => LaurelNode.DefaultTenant.Value),
        Column<Row>.Int64("id", r => r.Id.Value),
        Column<Row>.Text("member_code", r => CodeOf(r.Number)),
        Column<Row>.Text("external_id", r => "bench-" + r.Number.ToString(CultureInfo.InvariantCulture)),
        Column<Row>.Text("nickname", r => r.Nickname),
        Column<Row>.Text("status", r => r.Number % 1_000 == 7 ? "frozen" : "active"),
        Column<Row>.Int64("registered_at", r => RegisteredFirst + (r.Number * 1_000_000L)),
        Column<Row>.Text("level_code", r => r.Level),
        Column<Row>.Int64("level_since", _ => 1_700_000_000_000_000),
        Column<Row>.Int64("last_id", r => r.Id.Value),
        Column<Row>.Int64("points", r => r.Spend / 100),
        Column<Row>.Int64("held", _ => 0),
        Column<Row>.Int64("debt", _ => 0),
        Column<Row>.Int64("receivable", _ => 0),
        Column<Row>.Int64("next_change_at", _ => Instant.Never.UnixMicroseconds),
        Column<Row>.Int64("activation_at", _ => 0),
        Column<Row>.Int64("growth", r => r.Spend / 100),
        Column<Row>.Int64("balance", _ => 0),
        Column<Row>.Int64("lifetime", r => r.Spend / 100),
        Column<Row>.Int64("total_orders", _ => 1),
        Column<Row>.Int64("total_amount", r => r.Spend),
        Column<Row>.Int32("first_order_used", _ => 1),
        Column<Row>.Text("tags", r => r.Tags),
        Column<Row>.Int64("version", _ => 1));

    private static readonly SetStatement<Row> s_persons = Statements.Insert("personal_data",
        Column<Row>.Int32("tenant_id", _ => LaurelNode.DefaultTenant.Value),
        Column<Row>.Int64("member_id", r => r.Id.Value),
        Column<Row>.Bytes("wrapped_key", r => r.WrappedKey),
        Column<Row>.Bytes("phone", r => r.Phone),
        Column<Row>.Bytes("phone_index", r => r.PhoneIndex.ToBytes()),
        Column<Row>.Bytes("profile", r => r.Profile),
        Column<Row>.Int64("profile_version", _ => 1));

    /// <summary>Lets an index begin without waiting for the minute that lets older writes end.</summary>
    private sealed class LateClock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
    }

    public async Task<BenchReport> RunAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(work.FullName, "laurel-search-" + RandomNumberGenerator.GetHexString(8)));
        var clock = new LateClock();
        try
        {
            await using var node = await LaurelNode.OpenAsync(SettingsOf(folder), "bench", clock, NullLoggerFactory.Instance, cancellationToken);
            var filled = await FillAsync(node, clock, cancellationToken);
            await AnalyseAsync(cancellationToken);
            await using var reader = new MemberReader(ReadRouter.Of(node.Database), node.Vault, clock);
            var kinds = new Dictionary<string, object> { ["members"] = members, ["brought in a second"] = Math.Round(filled) };
            var all = new List<double>();
            var step = progress.Begin("Questions", Questions().Count());
            foreach (var (name, question) in Questions())
            {
                var times = await step.DuringAsync(name, 1, AskAsync(node, reader, question, cancellationToken));
                kinds[name] = new { Median = Of(times, 0.5), P95 = Of(times, 0.95), P99 = Of(times, 0.99) };
                all.AddRange(times);
            }

            step.Done();
            var note = string.Join("; ", kinds.Where(kind => kind.Key != "members").Select(kind => $"{kind.Key} {kind.Value}"));
            return new BenchReport([Measure.Of(MeasureTargets.SearchP95, Of(all, 0.95), $"{members:N0} members; {note}")], kinds);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private Settings SettingsOf(DirectoryInfo folder) => new()
    {
        DataFolder = folder.FullName,
        Urls = Settings.DefaultUrls,
        Database = databaseUrl is null ? DatabaseKind.Sqlite : DatabaseKind.Postgres,
        DatabaseUrl = databaseUrl,
        AdminKey = null,
        MasterKeys = null,
        Lanes = new LaneOptions(),
        Programme = _ => new Programme { Search = new SearchRules { Figures = true } },
        SweepEvery = TimeSpan.FromHours(1),
    };

    private async Task<double> FillAsync(LaurelNode node, LateClock clock, CancellationToken cancellationToken)
    {
        var step = progress.Begin("Members", 2);
        await step.DuringAsync("rows", 1, WriteAsync(node, cancellationToken));
        var fill = new SearchFill(node.Database, node.Lanes, node.Books, clock);
        await fill.RunAsync(LaurelNode.DefaultTenant, null, cancellationToken);
        clock.Ahead = TimeSpan.FromMinutes(2);
        var watch = Stopwatch.StartNew();
        var brought = await step.DuringAsync("index", 1, fill.RunAsync(LaurelNode.DefaultTenant, null, cancellationToken));
        step.Done();
        return brought / watch.Elapsed.TotalSeconds;
    }

    private async Task<int> WriteAsync(LaurelNode node, CancellationToken cancellationToken)
    {
        for (var written = 0; written < members; written += RowsOfWrite)
        {
            var rows = Enumerable.Range(written, Math.Min(RowsOfWrite, members - written)).Select(number => RowOf(node.Vault, number)).ToList();
            if (await node.Lanes.SubmitAsync(new LaneWrite("bench", Reach.Everything).Add(s_members, rows).Add(s_persons, rows), cancellationToken) is not Outcome.Applied)
            {
                throw new BenchException("Members could not be written.");
            }
        }

        return members;
    }

    private Row RowOf(PersonalDataVault vault, int number)
    {
        var id = new MemberId(FirstId + number);
        using var key = vault.CreateKey(LaurelNode.DefaultTenant, id, out var wrapped);
        var (phone, name) = (PhoneOf(number), NameOf());
        return new Row(
            id,
            number,
            name,
            (number % 20, number % 5) switch { (0, _) => "gold wine", (_, 0) => "gold", _ => null },
            (number % 50) switch { 0 => "platinum", < 6 => "gold", < 16 => "silver", _ => "bronze" },
            (long)(10_000 / Math.Pow(1 - _random.NextDouble(), 0.8)),
            wrapped,
            key.Encrypt(PersonalField.Phone, phone),
            vault.BlindIndex(LaurelNode.DefaultTenant, PersonalField.Phone, phone),
            number % 5 < 2 ? key.Encrypt(PersonalField.Profile, $$"""{"realName":"{{NameOf()}}"}""") : null);
    }

    // Surnames and given names by Zipf, as in China the first is borne by one in fourteen.
    private string NameOf()
    {
        string Pick(string[] of) => of[(int)(of.Length * Math.Pow(_random.NextDouble(), 1.8))];
        var name = new StringBuilder(Pick(s_surnames)).Append(Pick(s_givenNames));
        return _random.Next(2) == 0 ? name.ToString() : name.Append(Pick(s_givenNames)).ToString();
    }

    private static string PhoneOf(int number) => "138" + (number * 7_919L % 100_000_000).ToString("D8", CultureInfo.InvariantCulture);

    private static string CodeOf(int number) => "M20260101" + number.ToString("D7", CultureInfo.InvariantCulture);

    private IEnumerable<(string Name, Func<Random, MemberFilter> Question)> Questions() =>
    [
        ("everybody", _ => new MemberFilter()),
        ("everybody, from the middle", random => new MemberFilter { RegisteredFrom = RegisteredAt(random.Next(members)), Sort = "registered" }),
        .. Sorts().Select(sort => ($"everybody by {sort}", (Func<Random, MemberFilter>)(_ => new MemberFilter { Sort = sort }))),
        ("who is active", _ => new MemberFilter { Status = "active" }),
        ("who is frozen", _ => new MemberFilter { Status = "frozen" }),
        ("a common level", _ => new MemberFilter { Level = "bronze" }),
        ("a rare level, sorted", _ => new MemberFilter { Level = "platinum", Sort = "-registered" }),
        ("a common tag", _ => new MemberFilter { Tags = ["gold"] }),
        ("a range of points", random => new MemberFilter { PointsMin = random.Next(100, 1_000) }),
        ("a range of growth", random => new MemberFilter { GrowthMax = random.Next(100, 1_000) }),
        ("a day of registrations", random => RegisteredOn(random.Next(members))),
        ("active since, and nobody was", _ => new MemberFilter { ActiveSince = RegisteredAt(0) }),
        ("inactive since", _ => new MemberFilter { InactiveSince = RegisteredAt(0) }),
        ("what many conditions count", _ =>
            new MemberFilter { Tags = ["gold", "wine"], Level = "bronze", Name = s_surnames[0] + s_givenNames[0], SpendMin = 1, PointsMin = 1 }),
        ("two characters", _ => new MemberFilter { Name = NameOf()[..2] }),
        ("the commonest two", _ => new MemberFilter { Name = s_surnames[0] + s_givenNames[0] }),
        ("three characters", _ => new MemberFilter { Name = (NameOf() + s_givenNames[1])[..3] }),
        ("one character", _ => new MemberFilter { Name = s_surnames[0] }),
        ("four digits", random => new MemberFilter { Phone = PhoneOf(random.Next(members))[^4..] }),
        ("a phone", random => new MemberFilter { Query = PhoneOf(random.Next(members)) }),
        ("a code", random => new MemberFilter { Query = CodeOf(random.Next(members)) }),
        ("a tag and a level", _ => new MemberFilter { Tags = ["wine"], Level = "platinum" }),
        ("a tag and a name", _ => new MemberFilter { Tags = ["wine"], Name = NameOf()[..2] }),
        ("spend, sorted", random => new MemberFilter { SpendMin = random.Next(10_000, 100_000), Sort = "-spend" }),
        ("spend and a level, sorted", random => new MemberFilter { SpendMin = random.Next(10_000, 100_000), Level = "gold", Sort = "spend" }),
    ];

    private static IEnumerable<string> Sorts() => ["registered", "-registered", "spend", "-spend", "points", "-points", "growth", "-growth"];

    private static DateTimeOffset RegisteredAt(int number) => new Instant(RegisteredFirst + (number * 1_000_000L)).ToDateTimeOffset();

    private static MemberFilter RegisteredOn(int number) => new() { RegisteredFrom = RegisteredAt(number), RegisteredTo = RegisteredAt(number).AddDays(1) };

    private static async Task<List<double>> AskAsync(LaurelNode node, MemberReader reader, Func<Random, MemberFilter> question, CancellationToken cancellationToken)
    {
        var (search, random, times) = (new MemberSearch(node.Vault), new Random(2), new List<double>());
        var programme = node.Books.Programmes.Latest(LaurelNode.DefaultTenant)!.Programme;
        for (var asked = 0; asked < AskedEach; asked++)
        {
            var filter = question(random);
            var begun = Stopwatch.GetTimestamp();
            var found = await search.FindAsync(node.Database, LaurelNode.DefaultTenant, programme, filter, null, PageSize, cancellationToken);
            await Task.WhenAll(found.Ids.Select(id => reader.FindAsync(LaurelNode.DefaultTenant, new MemberId(id))));
            times.Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }

        return times;
    }

    private async Task AnalyseAsync(CancellationToken cancellationToken)
    {
        if (databaseUrl is not null)
        {
            var address = new Uri(databaseUrl);
            var text = new NpgsqlConnectionStringBuilder
            {
                Host = address.Host,
                Port = address.Port,
                Database = address.AbsolutePath.Trim('/'),
                Username = address.UserInfo.Split(':')[0],
                Password = address.UserInfo.Split(':') is [_, var password] ? Uri.UnescapeDataString(password) : null,
                CommandTimeout = 0,
            }.ToString();
            await using var connection = new NpgsqlConnection(text);
            await connection.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand("VACUUM ANALYZE", connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static double Of(List<double> times, double share) => Math.Round(times.Order().ElementAt((int)(share * (times.Count - 1))), 2);
}
