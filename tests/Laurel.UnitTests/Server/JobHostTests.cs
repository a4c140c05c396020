using Laurel.Engine.Lanes;
using Laurel.Engine.Nodes;
using Laurel.Server.Hosting;
using Laurel.Server.Jobs;
using Microsoft.Extensions.Logging.Abstractions;
using Shouldly;
using Xunit;

namespace Laurel.UnitTests.Server;

/// <summary>C8: jobs that throw, and schedules as they are written.</summary>
public sealed class JobHostTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GoesOnWithEveryJob_When_OneOfThemThrows()
    {
        var folder = Directory.CreateTempSubdirectory("laurel-jobs-").FullName;
        var settings = new LaurelSettings
        {
            DataFolder = folder,
            Urls = LaurelSettings.DefaultUrls,
            Database = DatabaseKind.Sqlite,
            DatabaseUrl = null,
            AdminKey = null,
            MasterKeys = null,
            Lanes = new LaneOptions(),
            Programme = stored => stored,
            SweepEvery = TimeSpan.FromHours(1),
        };
        await using (var node = await LaurelNode.OpenAsync(settings, "test", TimeProvider.System, NullLoggerFactory.Instance, Cancellation))
        {
            int thrown = 0, done = 0;
            var both = new TaskCompletionSource();
            Task Count(ref int runs, bool throws)
            {
                runs++;
                if (thrown >= 2 && done >= 2)
                {
                    both.TrySetResult();
                }

                return throws ? throw new InvalidOperationException("a job that always fails") : Task.CompletedTask;
            }

            var soon = JobSchedule.Of(TimeSpan.FromMilliseconds(100));
            Job[] jobs = [new("throws", soon, (_, _) => Count(ref thrown, true)), new("works", soon, (_, _) => Count(ref done, false))];
            using var figures = new JobFigures(jobs.Select(job => job.Name), TimeProvider.System);
            using var host = new JobHost(jobs, node.Leases, node.Cluster.Gate, figures, TimeProvider.System, NullLogger<JobHost>.Instance);

            await host.StartAsync(Cancellation);
            await both.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, Cancellation);

            figures.Leads.ShouldBeTrue();
            host.ExecuteTask!.IsFaulted.ShouldBeFalse();

            // While the node takes no writes nothing is run.
            node.Cluster.Gate.Close(ReadOnlyReasons.Setting);
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Cancellation);
            var before = done;
            await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, Cancellation);
            done.ShouldBe(before);
            node.Cluster.Gate.Open(ReadOnlyReasons.Setting);
            await host.StopAsync(Cancellation);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("60", 60, null)]
    [InlineData("86400", 86_400, null)]
    [InlineData("0 0/5 * * * ?", null, "0 0/5 * * * ?")]
    public void AreRead_When_TheyAreSecondsOrACronExpression(string text, int? seconds, string? cron)
    {
        var schedule = JobSchedule.Parse(text).ShouldNotBeNull();

        schedule.Every.ShouldBe(seconds is null ? null : TimeSpan.FromSeconds(seconds.Value));
        schedule.Cron.ShouldBe(cron);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("86401")]
    [InlineData("")]
    [InlineData("every day")]
    [InlineData("*/5 * * * *")]
    public void AreRefused_When_TheyAreNeither(string text) => JobSchedule.Parse(text).ShouldBeNull();
}
