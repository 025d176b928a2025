export default function FirstRun() {
  return <main id="content" />;
}
