using System.Text.RegularExpressions;
using Laurel.Server.Hosting;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Architecture;

/// <summary>Pages that list what the code has must list all of it. What is missing is named.</summary>
public sealed partial class ReferencePagesTests
{
    private static string Start => SourceTree.Read("docs/start.md");

    [Fact]
    public void NameEveryVariable_When_TheSettingsAreRead()
    {
        var settings = Variable().Matches(SourceTree.Read("src/Laurel.Server/Hosting/LaurelSettings.cs")).Select(match => match.Value.Trim('"')).Distinct().ToList();

        settings.ShouldContain("LAUREL_ADMIN_KEY");
        settings.Where(name => !Start.Contains($"`{name}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Hosting/OperationsSettings.cs", "LAUREL_LOG_DAYS")]
    [InlineData("Hosting/SeedVariables.cs", "MEMBER_POINTS_EXPIRY_DAYS")]
    [InlineData("Hosting/WebhookSettings.cs", "LAUREL_WEBHOOKS_ALLOW_HTTP")]
    [InlineData("Messaging/MessagingSettings.cs", "RABBITMQ_URL")]
    [InlineData("Hosting/ClusterSettings.cs", "DATABASE_REPLICA_URLS")]
    [InlineData("Hosting/CacheSettings.cs", "REDIS_URL")]
    [InlineData("Hosting/BalanceSettings.cs", "LAUREL_PAYMENT_SECRET")]
    [InlineData("GraphQL/GraphQLSettings.cs", "LAUREL_GRAPHIQL")]
    public void NameEveryVariableOfOperation_When_TheSettingsAreRead(string file, string one)
    {
        var page = SourceTree.Read("docs/operate/settings.md");
        var settings = Variable().Matches(SourceTree.Read("src/Laurel.Server/" + file)).Select(match => match.Value.Trim('"')).Distinct().ToList();

        settings.ShouldContain(one);
        settings.Where(name => !page.Contains($"`{name}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void NameEverySettingOfTheProgramme_When_ItsSectionIsRead() =>
        typeof(ProgrammeSection).GetProperties().Select(property => property.Name)
            .Where(name => !Start.Contains($"| `{name}` |", StringComparison.Ordinal))
            .ShouldBeEmpty();

    [Fact]
    public void NameEveryTable_When_TheMigrationsAreRead()
    {
        var page = SourceTree.Read("docs/reference/tables.md");
        var tables = SourceTree.Files(SourceTree.Src, "*.sql").SelectMany(file => Table().Matches(SourceTree.Read(file))).Select(match => match.Groups["name"].Value).Distinct().ToList();

        var renamed = SourceTree.Files(SourceTree.Src, "*.sql").SelectMany(file => Renamed().Matches(SourceTree.Read(file))).Select(match => match.Groups["name"].Value).ToHashSet();
        tables.RemoveAll(renamed.Contains);

        tables.ShouldContain("natural_keys");
        tables.Where(name => !Headings(page).Any(heading => heading.Contains($"`{name}`", StringComparison.Ordinal))).ShouldBeEmpty();
    }

    [Fact]
    public void NameEveryVerb_When_TheCommandLineIsRead()
    {
        var page = SourceTree.Read("docs/reference/cli.md");
        var verbs = SourceTree.Files(Path.Combine(SourceTree.Src, "Laurel.Server", "Verbs"), "*.cs")
            .SelectMany(file => Verb().Matches(SourceTree.Read(file))).Select(match => match.Groups["name"].Value).Distinct().ToList();

        verbs.ShouldContain("serve");
        verbs.Where(name => !Headings(page).Any(heading => heading.Contains(name, StringComparison.Ordinal))).ShouldBeEmpty();
    }

    private static IEnumerable<string> Headings(string page) => page.Split('\n').Where(line => line.StartsWith('#'));

    [GeneratedRegex("\"(?:LAUREL_[A-Z][A-Z_]*|MEMBER_[A-Z_]*|DATABASE_URL|DATABASE_ROLE|DATABASE_REPLICA_URLS|REDIS_URL|RABBITMQ_URL|ASPNETCORE_URLS)\"", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Variable();

    [GeneratedRegex("^ALTER TABLE (?<name>[a-z_]+) RENAME TO ", RegexOptions.ExplicitCapture | RegexOptions.Multiline, 1_000)]
    private static partial Regex Renamed();

    [GeneratedRegex(@"CREATE TABLE (?<name>[a-z_]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Table();

    [GeneratedRegex("""new(?: Command)?\("(?<name>[a-z]+)", """, RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex Verb();
}
